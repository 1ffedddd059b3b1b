import type { InfiniteData } from '@tanstack/react-query';
import type { ConversationQuery } from '../api/endpoints';
import type { Conversation, Message, Page } from '../api/types';
import { micros } from '../lib/time';

/** Pages as TanStack Query keeps them. */
export type Pages<T> = InfiniteData<Page<T>, string | undefined>;

/** When something was last written in a conversation, in microseconds: what lists are ordered by, newest first. */
export function activity(c: Conversation): number {
  return micros(c.activity_at);
}

/** Whether a conversation belongs in the list that the query asks for. */
export function belongs(c: Conversation, query: ConversationQuery, me: string): boolean {
  if (query.state && c.state !== query.state) return false;
  if (query.contact_id && c.contact_id !== query.contact_id) return false;
  if (query.tag && !c.tags.includes(query.tag)) return false;
  if (query.assignee_id === 'none') return !c.assignee_id;
  if (query.assignee_id === 'me') return c.assignee_id === me;
  return !query.assignee_id || c.assignee_id === query.assignee_id;
}

/** Puts a conversation where it belongs in loaded pages, or takes it out. Gives the same object when nothing changed. */
export function place(
  pages: Pages<Conversation>,
  c: Conversation,
  query: ConversationQuery,
  me: string,
): Pages<Conversation> {
  const without = remove(pages, c.id);
  if (!belongs(c, query, me)) return without;
  return insert(without, c, (other) => activity(other) <= activity(c));
}

/** Takes an item out of loaded pages by its id. */
export function remove<T extends { id: string }>(pages: Pages<T>, id: string): Pages<T> {
  if (!pages.pages.some((p) => p.data.some((item) => item.id === id))) return pages;
  return {
    ...pages,
    pages: pages.pages.map((p) => ({ ...p, data: p.data.filter((item) => item.id !== id) })),
  };
}

/** Inserts before the first item that comes after it. What would stand after everything loaded stays unloaded if more is to come. */
function insert<T>(pages: Pages<T>, item: T, comesAfter: (other: T) => boolean): Pages<T> {
  const copy = [...pages.pages];
  for (const [i, page] of copy.entries()) {
    const at = page.data.findIndex(comesAfter);
    if (at < 0) continue;
    copy[i] = { ...page, data: [...page.data.slice(0, at), item, ...page.data.slice(at)] };
    return { ...pages, pages: copy };
  }
  const last = copy.at(-1);
  if (!last || last.next_cursor) return pages;
  copy[copy.length - 1] = { ...last, data: [...last.data, item] };
  return { ...pages, pages: copy };
}

/** Adds a message to a loaded thread (newest first), or replaces the one with its id: told twice, it stands there once. */
export function addMessage(pages: Pages<Message>, message: Message): Pages<Message> {
  const known = pages.pages.some((p) => p.data.some((m) => m.id === message.id));
  if (known) {
    return {
      ...pages,
      pages: pages.pages.map((p) => ({ ...p, data: p.data.map((m) => (m.id === message.id ? message : m)) })),
    };
  }
  return insert(pages, message, (other) => compareMessages(other, message) <= 0);
}

/** Orders by time, then by id (ids grow with time too). */
export function compareMessages(a: Message, b: Message): number {
  return micros(a.created_at) - micros(b.created_at) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/**
 * The conversation after a message, or itself when it already counts that message. A note moves it up, but is not its
 * last word; what a contact writes opens it again. `seen`: the operator is looking at it.
 */
export function withMessage(c: Conversation, message: Message, seen: boolean): Conversation {
  if (activity(c) >= micros(message.created_at)) return c;
  const next = { ...c, activity_at: message.created_at, message_count: c.message_count + 1 };
  if (message.type === 'note') return next;
  const isFromContact = message.author.type === 'contact';
  return {
    ...next,
    last_message: {
      id: message.id,
      author_type: message.author.type,
      type: message.type,
      preview: message.body.slice(0, 140),
      created_at: message.created_at,
    },
    ...(isFromContact && {
      state: 'open',
      snoozed_until: null,
      unread_count: seen ? c.unread_count : c.unread_count + 1,
    }),
  };
}

/** Whether what just arrived is older than what is held, as when a stream repeats what a request already answered. */
export function isStale(held: Conversation | undefined, incoming: Conversation): boolean {
  return held !== undefined && micros(held.updated_at) > micros(incoming.updated_at);
}
