import { Store } from '../lib/store';
import type { LiveStatus } from './stream';

/** How the tab stands with the server. */
export const liveStatus = new Store<LiveStatus>('stopped');

/** Contacts who have a page open right now. */
export const online = new Store<ReadonlySet<string>>(new Set());

export interface Typist {
  id: string;
  type: string;
  name: string;
}

/** A typing sign fades after this long without another. */
export const typingFade = 6000;

/** Who is typing, per conversation. */
class Typing {
  readonly store = new Store<Readonly<Record<string, Typist>>>({});
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  start(conversationId: string, typist: Typist): void {
    const old = this.timers.get(conversationId);
    if (old) clearTimeout(old);
    this.timers.set(
      conversationId,
      setTimeout(() => this.stop(conversationId, typist.id), typingFade),
    );
    this.store.set((all) => ({ ...all, [conversationId]: typist }));
  }

  stop(conversationId: string, typistId: string): void {
    if (this.store.get()[conversationId]?.id !== typistId) return;
    const old = this.timers.get(conversationId);
    if (old) clearTimeout(old);
    this.timers.delete(conversationId);
    this.store.set(({ [conversationId]: _, ...rest }) => rest);
  }
}

export const typing = new Typing();

export function setOnline(contactId: string, isOnline: boolean): void {
  online.set((all) => {
    if (all.has(contactId) === isOnline) return all;
    const next = new Set(all);
    if (isOnline) next.add(contactId);
    else next.delete(contactId);
    return next;
  });
}
