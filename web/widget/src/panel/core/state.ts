import type { ConsentState, Contact } from '@botimum/browser/types';
import type { Words } from '../i18n/en.ts';
import type { Draft } from './memory.ts';
import type { Thread } from './threads.ts';
import type { Conversation, Settings } from './wire.ts';

export type View = 'thread' | 'list' | 'privacy' | 'board';

/** All that the screen shows. What it holds is replaced, never changed in place. */
export interface State {
  /** BCP 47 tag in use, and its words. */
  locale: string;
  words: Words;
  settings?: Settings;
  contact: Contact | null;
  consents: Record<string, ConsentState>;
  /** Whether the server can be reached, as far as is known. */
  connected: boolean;
  open: boolean;
  view: View;
  /** Slug of the board on screen. */
  board?: string | undefined;
  /** The conversation on screen: an id, or `new:…` for one that is yet to be opened. */
  thread: string;
  /** The first message under the line "New". */
  divider?: string | undefined;
  conversations: Conversation[];
  threads: Record<string, Thread>;
  drafts: Draft[];
  typing?: { thread: string; name: string } | undefined;
  email: 'ask' | 'thanks' | 'skipped';
}

export interface Store {
  /** Always the present one; changed by `set` alone. */
  readonly state: Readonly<State>;
  set(change: Partial<State>): void;
}

/** Holds the state and gives a copy to its one reader, once for all the changes of a moment. */
export function createStore(state: State, tell: (state: State) => void): Store {
  let told = true;
  return {
    state,
    set(change) {
      Object.assign(state, change);
      if (told) {
        told = false;
        queueMicrotask(() => {
          told = true;
          tell({ ...state });
        });
      }
    },
  };
}

export function unread({ conversations }: State): number {
  return conversations.reduce((sum, { unread_count }) => sum + unread_count, 0);
}
