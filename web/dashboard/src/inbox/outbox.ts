import type { Author, Message, MessageType } from '../api/types';
import { Store } from '../lib/store';

/** A message that was written here and is not yet known to be stored. */
export interface Outgoing {
  clientId: string;
  conversationId: string;
  type: MessageType;
  body: string;
  author: Author;
  createdAt: string;
  state: 'sending' | 'failed';
  problem: string | null;
  /** It failed for a reason that passes by itself, such as a cut line: it is sent again when the line is back. */
  isPassing: boolean;
}

/** Everything on its way, oldest first. */
export const outbox = new Store<Outgoing[]>([]);

export function enqueue(item: Outgoing): void {
  outbox.set((all) => [...all.filter((o) => o.clientId !== item.clientId), item]);
}

export function settle(clientId: string): void {
  outbox.set((all) =>
    all.some((o) => o.clientId === clientId) ? all.filter((o) => o.clientId !== clientId) : all,
  );
}

export function fail(clientId: string, problem: string, isPassing: boolean): void {
  const failed = { state: 'failed' as const, problem, isPassing };
  outbox.set((all) => all.map((o) => (o.clientId === clientId ? { ...o, ...failed } : o)));
}

const lanes = new Map<string, Promise<void>>();

/**
 * Does a conversation's jobs one after the other: two messages that are written quickly are stored in the order in
 * which they were written, not in that in which the requests happen to arrive.
 */
export function inTurn(conversationId: string, job: () => Promise<void>): Promise<void> {
  const turn = (lanes.get(conversationId) ?? Promise.resolve()).then(job);
  const settled = turn.catch(() => undefined);
  lanes.set(conversationId, settled);
  void settled.then(() => {
    if (lanes.get(conversationId) === settled) lanes.delete(conversationId);
  });
  return turn;
}

/** A line of the thread: a stored message, or one on its way. */
export type ThreadItem =
  | { kind: 'stored'; key: string; message: Message }
  | { kind: 'outgoing'; key: string; outgoing: Outgoing };

/**
 * The thread as it is shown, oldest first: stored messages, then what is on its way. A message which the stream or the
 * answer has already brought hides its outgoing twin (same client id), so that it never stands there twice. Both have
 * the same key, so that the bubble stays in place when the one becomes the other.
 */
export function threadItems(storedNewestFirst: Message[], outgoing: Outgoing[]): ThreadItem[] {
  const arrived = new Set(storedNewestFirst.map((m) => m.client_id).filter(Boolean));
  const stored = storedNewestFirst
    .toReversed()
    .map((message): ThreadItem => ({ kind: 'stored', key: message.client_id || message.id, message }));
  const waiting = outgoing
    .filter((o) => !arrived.has(o.clientId))
    .map((o): ThreadItem => ({ kind: 'outgoing', key: o.clientId, outgoing: o }));
  return [...stored, ...waiting];
}

export function itemTime(item: ThreadItem): string {
  return item.kind === 'stored' ? item.message.created_at : item.outgoing.createdAt;
}

export function itemAuthor(item: ThreadItem): Author {
  return item.kind === 'stored' ? item.message.author : item.outgoing.author;
}

export function itemType(item: ThreadItem): MessageType {
  return item.kind === 'stored' ? item.message.type : item.outgoing.type;
}

const groupGap = 5 * 60_000;

/** Whether an item continues the bubble group of the one before: same author, same kind, same day, within five minutes. */
export function continues(before: ThreadItem | undefined, item: ThreadItem): boolean {
  if (!before) return false;
  const a = new Date(itemTime(before));
  const b = new Date(itemTime(item));
  return (
    itemAuthor(before).id === itemAuthor(item).id &&
    itemType(before) === itemType(item) &&
    a.toDateString() === b.toDateString() &&
    b.getTime() - a.getTime() < groupGap
  );
}
