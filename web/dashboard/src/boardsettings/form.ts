import type { ReactNode } from 'react';
import type { Board } from '../boards/data';
import type { Draft } from './draft';

/** What every part of the form is given. */
export interface PartProps {
  board: Board;
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  mayWrite: boolean;
  /** What is wrong with a field. */
  wrong: (field: string) => string | undefined;
  /** Whether it was tried to save what stands there. */
  isTried: boolean;
}

export type Part = (props: PartProps) => ReactNode;
