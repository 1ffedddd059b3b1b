import type { QueryClient } from '@tanstack/react-query';
import type { ConversationQuery } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem } from '../api/problem';
import type { Contact, Conversation, ConversationCounts, Envelope, Message, Page } from '../api/types';
import { settle } from '../inbox/outbox';
import { addMessage, isStale, type Pages, place, remove, withMessage } from './reduce';
import { Soon } from './soon';
import { typing } from './state';

/** What the live updates need to know about the person who looks. */
export interface Viewer {
  /** The operator's id, for "mine". */
  me(): string;
  /** The conversation that is open in a visible tab, if any. */
  viewing(): string | null;
}

/**
 * Brings the kept answers up to date from the stream, without asking the server again wherever the event says enough.
 * Counts are asked for at most once a second, however many events come.
 */
export class LiveCache {
  private countsTimer: ReturnType<typeof setTimeout> | null = null;
  private readonly lists: Soon;
  private readonly timelines: Soon;
  private readonly boards: Soon;
  /** Conversations being fetched, and whether something happened in them since. */
  private readonly fetching = new Map<string, boolean>();

  constructor(
    private readonly client: QueryClient,
    private readonly viewer: Viewer,
    private readonly fetchConversation: (id: string) => Promise<Conversation>,
  ) {
    this.lists = new Soon(client, 2000);
    this.timelines = new Soon(client, 1000);
    this.boards = new Soon(client, 2000, 600); // votes come in crowds, also at first
  }

  apply(envelope: Envelope): void {
    const { type, data } = envelope;
    if (data.contact_id && !type.startsWith('message.') && type !== 'contact.erased')
      this.happened(data.contact_id);
    else if (data.conversation) this.happened(data.conversation.contact_id);
    if (type === 'message.created' && data.message) this.message(data.message);
    else if (type === 'message.redacted') this.redacted(data.conversation_id, data.message);
    else if (type === 'conversation.removed' && data.conversation_id) this.gone(data.conversation_id);
    else if (type.startsWith('conversation.') && data.conversation) this.conversation(data.conversation);
    else if (type === 'contact.erased' && data.contact_id) this.erased(data.contact_id);
    else if (type.startsWith('contact.') && type !== 'contact.tracked')
      this.contact(data.contact_id ?? data.contact?.id, data.contact, data.fields);
    else if (type === 'bulk.progress' && data.object_id)
      void this.client.invalidateQueries({ queryKey: keys.bulkJob(data.object_id) });
    else if (type.startsWith('privacy_request.')) {
      void this.client.invalidateQueries({ queryKey: keys.requests });
      if (data.request_id) void this.client.invalidateQueries({ queryKey: keys.request(data.request_id) });
    } else if (type === 'import.updated') {
      this.lists.invalidate(keys.imports);
      this.lists.invalidate(['import']);
    } else if (type.startsWith('consent.') && data.contact_id) {
      for (const id of this.person(data.contact_id))
        void this.client.invalidateQueries({ queryKey: keys.consents(id) });
    } else if (/^(post|vote|comment|reaction|changelog)\./.test(type)) this.board(type, data.object_id);
  }

  /** Something happened on a board: what is on screen is asked for once in a while, not at each vote. */
  private board(type: string, id = ''): void {
    const { boards } = keys;
    if (/^(post|comment)\./.test(type)) this.boards.invalidate(boards.pending);
    if (!type.startsWith('changelog.')) this.boards.invalidate(boards.allOf);
    if (/^(comment|reaction)\./.test(type)) return void this.boards.invalidate(boards.allComments);
    if (type.startsWith('changelog.')) return void this.boards.invalidate(boards.changelog);
    this.boards.invalidate(boards.allPosts);
    this.boards.invalidate(boards.allCounts);
    // Of a merge the other post changed, too.
    this.boards.invalidate(type === 'post.merged' ? boards.anyPost : boards.post(id));
    if (type.startsWith('vote.')) this.boards.invalidate(boards.votes(id));
  }

  /** Something is new in a person's timeline: of one that is not the one on screen, it is read when it is looked at. */
  private happened(contactId: string): void {
    for (const id of this.person(contactId)) this.timelines.invalidate(['timeline', id]);
  }

  /** The contact, and who stands on screen for them since they were merged: what is kept of a person is kept under that id. */
  private person(contactId: string): string[] {
    const ids = new Set([contactId]);
    for (const [key, held] of this.client.getQueriesData<{ data: Contact }>({ queryKey: ['contact'] })) {
      if (held?.data.merged_ids?.includes(contactId)) ids.add(String(key[1])).add(held.data.id);
    }
    return [...ids];
  }

  /** A message, from the stream or as the answer to sending it. */
  message(message: Message): void {
    if (message.client_id) settle(message.client_id);
    typing.stop(message.conversation_id, message.author.id);
    this.client.setQueryData<Pages<Message>>(
      keys.messages(message.conversation_id),
      (pages) => pages && addMessage(pages, message),
    );
    const held = this.held(message.conversation_id);
    if (!held) return void this.load(message.conversation_id);
    const seen = this.viewer.viewing() === message.conversation_id;
    const next = withMessage(held, message, seen);
    if (next !== held) this.put(next);
    this.countsSoon();
  }

  /** A conversation as the server has it now, unless something newer is already held. */
  conversation(conversation: Conversation): void {
    if (isStale(this.held(conversation.id), conversation)) return;
    this.put(conversation);
    this.countsSoon();
  }

  /** A conversation that a retention rule ended leaves every list. */
  gone(id: string): void {
    for (const [key, pages] of this.client.getQueriesData<Pages<Conversation>>({
      queryKey: keys.conversations,
    })) {
      if (pages) this.client.setQueryData(key, remove(pages, id));
    }
    void this.client.invalidateQueries({ queryKey: keys.conversation(id) });
    this.countsSoon();
  }

  /** Puts a conversation everywhere it belongs: its own entry and each loaded list. */
  put(conversation: Conversation): void {
    const own = keys.conversation(conversation.id);
    this.client.setQueryData<Conversation>(own, conversation);
    for (const [key, pages] of this.client.getQueriesData<Pages<Conversation>>({
      queryKey: keys.conversations,
    })) {
      if (!pages) continue;
      const query = key[1] as ConversationQuery;
      this.client.setQueryData(key, place(pages, conversation, query, this.viewer.me()));
    }
  }

  /** The newest copy of a conversation that is held, from its own entry or from any list. */
  held(id: string): Conversation | undefined {
    const own = this.client.getQueryData<Conversation>(keys.conversation(id));
    if (own) return own;
    for (const [, pages] of this.client.getQueriesData<Pages<Conversation>>({
      queryKey: keys.conversations,
    })) {
      for (const page of pages?.pages ?? []) {
        const hit = page.data.find((c) => c.id === id);
        if (hit) return hit;
      }
    }
    return undefined;
  }

  /** Everything live is asked for again, if it is on screen; the rest when it is next looked at. */
  refresh(): void {
    const live = new Set([
      'conversations',
      'conversation',
      'messages',
      'counts',
      'contacts',
      'contact',
      'contact-notes',
      'timeline',
      'consents',
      'requests',
      'request',
      'boards',
    ]);
    void this.client.invalidateQueries({ predicate: (q) => live.has(String(q.queryKey[0])) });
  }

  countsSoon(): void {
    if (this.countsTimer) return;
    this.countsTimer = setTimeout(() => {
      this.countsTimer = null;
      void this.client.invalidateQueries({ queryKey: keys.counts });
    }, 1000);
  }

  /** Corrects the counts by hand so that the screen answers at once; the server's own follow within a second. */
  adjustCounts(change: (counts: ConversationCounts) => ConversationCounts): void {
    this.client.setQueryData<ConversationCounts>(keys.counts, (counts) => counts && change(counts));
    this.countsSoon();
  }

  private async load(id: string): Promise<void> {
    if (this.fetching.has(id)) {
      this.fetching.set(id, true);
      return;
    }
    try {
      do {
        this.fetching.set(id, false);
        this.conversation(await this.fetchConversation(id));
      } while (this.fetching.get(id));
    } catch {
      // Gone again, or out of reach: the next reload of the list tells.
    } finally {
      this.fetching.delete(id);
    }
  }

  redacted(conversationId: string | undefined, message: Message | undefined): void {
    if (message) {
      this.client.setQueryData<Pages<Message>>(
        keys.messages(message.conversation_id),
        (pages) => pages && addMessage(pages, message),
      );
      void this.client.invalidateQueries({ queryKey: keys.conversations }); // the preview may have shown it
    } else if (conversationId) {
      void this.client.invalidateQueries({ queryKey: keys.messages(conversationId) });
    }
  }

  private contact(id: string | undefined, contact: Contact | undefined, fields: string[] = []): void {
    if (!id) return;
    if (fields.includes('restricted_at')) {
      // What was said is veiled from now on, or unveiled: nothing of before may stay in memory.
      for (const key of [keys.conversations, ['conversation'], ['messages']]) {
        void this.client.invalidateQueries({ queryKey: key });
      }
    }
    void this.client.invalidateQueries({ queryKey: keys.rights(id) });
    if (contact) {
      for (const [key, pages] of this.client.getQueriesData<Pages<Conversation>>({
        queryKey: keys.conversations,
      })) {
        if (!pages?.pages.some((p) => p.data.some((c) => c.contact_id === id))) continue;
        this.client.setQueryData(key, renamed(pages, contact));
      }
      for (const [key, held] of this.client.getQueriesData<Conversation>({ queryKey: ['conversation'] })) {
        if (held?.contact_id === id) this.client.setQueryData(key, withContact(held, contact));
      }
    }
    if (fields.some((f) => f === 'notes' || f === 'restricted_at')) {
      void this.client.invalidateQueries({ queryKey: keys.contactNotes(id) });
    }
    for (const one of this.person(id)) void this.client.invalidateQueries({ queryKey: keys.contact(one) });
    this.lists.invalidate(keys.contacts);
    if (fields.includes('company_id')) {
      for (const key of ['companies', 'company']) this.lists.invalidate([key]);
    }
  }

  /** Forgets a person at once: nothing of them stays in this tab's memory. */
  private erased(id: string): void {
    for (const [key, pages] of this.client.getQueriesData<Pages<Conversation>>({
      queryKey: keys.conversations,
    })) {
      if (!pages) continue;
      const gone = pages.pages.flatMap((p) => p.data).filter((c) => c.contact_id === id);
      this.client.setQueryData(
        key,
        gone.reduce((rest, c) => remove(rest, c.id), pages),
      );
      for (const c of gone) this.forget(c.id);
    }
    for (const [key, held] of this.client.getQueriesData<Conversation>({ queryKey: ['conversation'] })) {
      if (held?.contact_id === id) this.forget(String(key[1]));
    }
    for (const [key, pages] of this.client.getQueriesData<Pages<Contact>>({ queryKey: keys.contacts })) {
      if (pages) this.client.setQueryData(key, remove(pages, id));
    }
    for (const key of [
      keys.contact(id),
      keys.consents(id),
      keys.accessEvents(id),
      keys.contactNotes(id),
      ['timeline', id],
    ])
      this.drop(key);
    this.client.removeQueries({ queryKey: keys.rights(id) });
    this.client.removeQueries({ queryKey: keys.boards.all, type: 'inactive' });
    this.boards.invalidate(keys.boards.all); // what they wrote there is gone, or nobody's
    this.countsSoon();
  }

  private forget(conversationId: string): void {
    this.drop(keys.conversation(conversationId));
    this.drop(keys.messages(conversationId));
  }

  /** What nobody looks at is removed; what is on screen turns into "gone" without asking the server, which has nothing. */
  private drop(queryKey: readonly unknown[]): void {
    this.client.removeQueries({ queryKey, type: 'inactive' });
    for (const query of this.client.getQueryCache().findAll({ queryKey })) {
      void query.cancel({ silent: true });
      const error = new Problem(404, 'not_found', 'This person was erased. Nothing of them is kept here.');
      query.setState({ data: undefined, error, status: 'error', fetchStatus: 'idle', isInvalidated: false });
    }
  }
}

function withContact(c: Conversation, contact: Contact): Conversation {
  const { id, name, email, avatar_url, verified, restricted_at } = contact;
  return { ...c, contact: { id, name, email, avatar_url, verified, restricted_at } };
}

function renamed(pages: Pages<Conversation>, contact: Contact): Pages<Conversation> {
  const page = (p: Page<Conversation>) => ({
    ...p,
    data: p.data.map((c) => (c.contact_id === contact.id ? withContact(c, contact) : c)),
  });
  return { ...pages, pages: pages.pages.map(page) };
}
