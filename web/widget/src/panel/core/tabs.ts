/** The other tabs of the same site. */
import { STORE } from '../../mount.ts';
import type { Frame } from './sse.ts';
import type { Conversation, Message } from './wire.ts';

/** What one tab tells the others. */
export interface Note {
  /** From the tab that holds the stream. */
  frame?: Frame;
  /** Its sign of life: whether its connection stands. */
  up?: boolean;
  /** The server has a message, and perhaps opened a conversation for it. */
  message?: Message;
  conversation?: Conversation | undefined;
}

export interface Tabs {
  tell(note: Note): void;
  listen(hear: (note: Note) => void): void;
  /**
   * Runs the work while no other tab runs its own of that name. Rejects when `signal` ends the waiting, or when
   * another tab takes over with `steal`: the work must then stop by itself.
   */
  alone(name: string, work: () => Promise<void>, how?: { steal?: true; signal?: AbortSignal }): Promise<void>;
}

/**
 * Tabs talk by BroadcastChannel and take turns by Web Locks. Where the browser has no locks (on a page without
 * https), each tab stands for itself: it has its own stream, and the server drops what two tabs sent twice.
 */
export function browserTabs(workspaceKey: string): Tabs {
  const { locks } = navigator as { locks?: LockManager };
  if (!locks) return { tell() {}, listen() {}, alone: (_, work) => work() };
  const channel = new BroadcastChannel(STORE + workspaceKey);
  return {
    tell: (note) => channel.postMessage(note),
    listen: (hear) => {
      channel.onmessage = ({ data }) => hear(data);
    },
    alone: (name, work, how = {}) => locks.request(STORE + workspaceKey + name, how, work),
  };
}
