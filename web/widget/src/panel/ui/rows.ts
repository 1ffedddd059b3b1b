/** What stands in a thread, line by line: pure, so that it can be tested without a screen. */
import type { Draft } from '../core/memory.ts';
import type { Message } from '../core/wire.ts';
import { dayOf } from '../text/time.ts';

export interface MessageRow {
  key: string;
  message: Message;
  mine: boolean;
  /** Whether it begins or ends a group of one author. */
  first: boolean;
  last: boolean;
}

/** A line between messages: where a day begins (its time), or else the first unread. */
export interface LineRow {
  key: string;
  day?: string;
  message?: undefined;
  mine?: undefined;
}

/** Messages of one author closer together than this stand as one group. */
const TOGETHER = 5 * 60_000;

/** Lays out messages, oldest first, with a line per day and one above the first unread. */
export function rows(messages: Message[], divider: string | undefined): (MessageRow | LineRow)[] {
  const apart = (one?: Message, next?: Message) =>
    !one ||
    !next ||
    next.id === divider ||
    one.author.type !== next.author.type ||
    one.author.name !== next.author.name ||
    dayOf(one.created_at) !== dayOf(next.created_at) ||
    Date.parse(next.created_at) - Date.parse(one.created_at) > TOGETHER;
  return messages.flatMap((message, at) => {
    const { id, created_at: day, client_id, author } = message;
    const before = messages[at - 1];
    const lines: LineRow[] = [];
    if (!before || dayOf(before.created_at) !== dayOf(day)) lines.push({ key: day, day });
    if (id === divider) lines.push({ key: 'unread' });
    return [
      ...lines,
      {
        // The same before and after it has arrived: the line stays, and is not read out twice.
        key: client_id || id,
        message,
        mine: author.type === 'contact',
        first: apart(before, message),
        last: apart(message, messages[at + 1]),
      },
    ];
  });
}

/** A message that is still in line, shown as if it had arrived. */
export function asMessage({ client_id, thread, body, at }: Draft): Message {
  return {
    id: client_id,
    client_id,
    conversation_id: thread,
    author: { type: 'contact', id: '', name: '' },
    body,
    created_at: at,
  };
}
