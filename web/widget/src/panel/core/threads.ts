/** Pure rules for lists of messages and conversations. */
import type { Conversation, Message, Page } from './wire.ts';

export interface Thread {
  /** Oldest first. */
  messages: Message[];
  /** Where older ones continue; null where there are none. */
  older: string | null;
}

/**
 * One list in order of time, each message once. What comes in replaces what was known under its id.
 * Ids grow with time, so they order what shares a microsecond.
 */
export function merge(known: Message[], incoming: Message[]): Message[] {
  const byId = new Map([...known, ...incoming].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => {
    if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1;
    return a.id < b.id ? -1 : 1;
  });
}

/**
 * Takes in the newest page. Where it does not reach back to what was known, the gap is left to be scrolled to. What
 * came while the page was on its way stays.
 */
export function refresh(thread: Thread | undefined, page: Page<Message>): Thread {
  const known = thread?.messages ?? [];
  const ids = page.data.map((message) => message.id);
  const gap = page.next_cursor && !known.some(({ id }) => ids.includes(id));
  return {
    messages: merge(gap ? known.filter(({ id }) => id > (ids[0] ?? '')) : known, page.data),
    older: (!gap && thread?.older) || page.next_cursor,
  };
}

/** Puts a conversation in its place: the latest activity first. */
export function place(list: Conversation[], change: Conversation): Conversation[] {
  const others = list.filter((conversation) => conversation.id !== change.id);
  return [change, ...others].sort((a, b) => (a.updated_at > b.updated_at ? -1 : 1));
}

/** Counts a message that has arrived, unless the conversation already tells of it. */
export function arrived(conversation: Conversation, message: Message): Conversation {
  const last = conversation.last_message;
  if (last && last.id >= message.id) return conversation;
  const { id, body, created_at, author } = message;
  const mine = author.type === 'contact';
  return {
    ...conversation,
    updated_at: created_at,
    unread_count: mine ? conversation.unread_count : conversation.unread_count + 1,
    last_message: { id, author_type: author.type, preview: body.slice(0, 140), created_at },
  };
}

/** The first answer that was not read when the person looked: the line "New" stands above it. */
export function firstUnread(messages: Message[], readAt: string | null): string | undefined {
  return messages.find(
    (message) => message.author.type !== 'contact' && (!readAt || message.created_at > readAt),
  )?.id;
}
