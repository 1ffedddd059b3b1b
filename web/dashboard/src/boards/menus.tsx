import type { Operator } from '../api/types';
import { session } from '../app/runtime';
import type { MenuChoice } from '../ui/menu';
import type { Board } from './data';
import { Dot } from './parts';

export function statusItems(board: Board, now: string, onChoose: (key: string) => void): MenuChoice[] {
  return board.statuses.map((s) => ({
    id: s.key,
    label: s.name,
    icon: <Dot color={s.color} />,
    isChosen: s.key === now,
    onAction: () => onChoose(s.key),
  }));
}

/** Oneself first, then the others, then nobody. */
export function ownerItems(
  operators: Operator[],
  now: string | null | undefined,
  onChoose: (id: string) => void,
): MenuChoice[] {
  const me = session.get()?.operator.id;
  const sorted = [...operators].sort((a, b) => Number(b.id === me) - Number(a.id === me));
  return [
    ...sorted.map((o) => ({
      id: o.id,
      label: o.id === me ? `${o.name} (you)` : o.name,
      isChosen: o.id === now,
      onAction: () => onChoose(o.id),
    })),
    { id: 'nobody', label: 'Nobody', isChosen: now === null, onAction: () => onChoose('') },
  ];
}

/** The categories that the board declares, then none. */
export function categoryItems(
  board: Board,
  now: string | undefined,
  onChoose: (name: string) => void,
): MenuChoice[] {
  return [
    ...board.categories.map((c) => ({
      id: c.key ?? c.name,
      label: c.name,
      icon: <Dot color={c.color ?? board.color} />,
      isChosen: c.name === now,
      onAction: () => onChoose(c.name),
    })),
    { id: 'none', label: 'None', isChosen: now === '', onAction: () => onChoose('') },
  ];
}
