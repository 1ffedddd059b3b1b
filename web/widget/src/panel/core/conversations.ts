/** The person's conversations as the server has them: fetched when need be, kept true by the stream. */
import type { Api } from './api.ts';
import type { Events } from './events.ts';
import { type Store, unread } from './state.ts';
import { arrived, firstUnread, merge, place, refresh, type Thread } from './threads.ts';
import type { Conversation, Message, Page } from './wire.ts';

const TYPING_SHOWN = 6000;

export interface ConversationsDeps extends Store {
  api: Api;
  events: Events;
  /** A message that the server has, from wherever it came: it may be one that this browser has in line. */
  onMessage: (message: Message) => void;
  /** The server holds nothing any more of someone who had written: they were erased. */
  onGone: () => void;
}

export interface Conversations {
  /** Back to none, for another person. */
  clear(): void;
  /** Fetches the list, and the newest page of the conversation on screen. */
  sync(): Promise<void>;
  /** Puts a conversation on the screen, and fetches it where it exists. */
  show(thread: string): void;
  loadOlder(): Promise<void>;
  /** Tells the server, once, that what is on the screen has been read. */
  read(): void;
  changed(conversation: Conversation): void;
  /** Takes in one message, fresh or changed. One that is known already changes nothing else. */
  take(message: Message, fresh: boolean): void;
  typing(thread: string, name: string): void;
}

export function createConversations(deps: ConversationsDeps): Conversations {
  const { state, api, events, onMessage, onGone } = deps;
  const announced = new Set<string>();
  let syncing: Promise<void> | undefined;
  let counted = 0;
  let typingTimer: ReturnType<typeof setTimeout> | undefined;

  const set: Store['set'] = (change) => {
    deps.set(change);
    const count = unread(state);
    if (count === counted) return;
    counted = count;
    events.emit('unread', { count });
  };
  const find = (id: string) => state.conversations.find((conversation) => conversation.id === id);
  const put = (id: string, thread: Thread) => set({ threads: { ...state.threads, [id]: thread } });
  const page = (thread: string, cursor?: string | null) =>
    api.call<Page<Message>>(
      'GET',
      `conversations/${thread}/messages?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    );

  const announce = (message: Message) => {
    if (message.author.type === 'contact' || announced.has(message.id)) return;
    announced.add(message.id);
    events.emit('message:received', message);
  };

  const changed = (conversation: Conversation) => {
    set({ conversations: place(state.conversations, conversation) });
    read();
  };

  const read = () => {
    const { open, view, thread, threads } = state;
    const conversation = find(thread);
    if (!open || view !== 'thread' || document.hidden || !threads[thread] || !conversation?.unread_count)
      return;
    changed({ ...conversation, unread_count: 0 });
    api.call('POST', `conversations/${thread}/read`).catch(() => {}); // other tabs hear of it by the stream
  };

  const mark = (thread: string) => {
    const conversation = find(thread);
    if (thread === state.thread && !state.divider && conversation?.unread_count) {
      set({ divider: firstUnread(state.threads[thread]?.messages ?? [], conversation.contact_read_at) });
    }
  };

  const load = async (thread: string): Promise<void> => {
    const newest = await page(thread);
    const before = state.threads[thread];
    put(thread, refresh(before, newest));
    mark(thread);
    newest.data.forEach(onMessage);
    const last = before?.messages.at(-1)?.id;
    if (last) for (const message of [...newest.data].reverse()) if (message.id > last) announce(message);
    read();
  };

  const sync = async (): Promise<void> => {
    const had = state.conversations;
    const { data } = await api.call<Page<Conversation>>('GET', 'conversations?limit=50');
    if (state.conversations !== had) return sync(); // somebody or something came meanwhile: the answer is from before
    if (had[0] && !data[0]) return onGone();
    const { thread, threads, drafts, conversations } = state;
    const untouched = thread.startsWith('new:') && !drafts.some((draft) => draft.thread === thread);
    const current = (untouched && !conversations.length && data[0]?.id) || thread;
    const shown = threads[current];
    // Threads that are not on screen may have grown: they are fetched again when opened.
    set({ conversations: data, threads: shown ? { [current]: shown } : {}, thread: current });
    if (find(current)) await load(current);
  };

  return {
    changed,
    read,
    clear: () => set({ conversations: [], threads: {}, divider: undefined, typing: undefined }),
    sync() {
      syncing ??= sync().finally(() => {
        syncing = undefined;
      });
      return syncing;
    },
    show(thread) {
      set({ thread, divider: undefined });
      mark(thread);
      if (find(thread)) load(thread).catch(() => {});
      read();
    },
    async loadOlder() {
      const { thread } = state;
      const cursor = state.threads[thread]?.older;
      if (!cursor) return;
      const { data, next_cursor } = await page(thread, cursor);
      const known = state.threads[thread];
      if (known?.older === cursor) put(thread, { messages: merge(known.messages, data), older: next_cursor });
    },
    take(message, fresh) {
      const { conversation_id: id, author } = message;
      const thread = state.threads[id];
      const known = thread?.messages.some((one) => one.id === message.id);
      if (thread || id === state.thread)
        put(id, { older: null, ...thread, messages: merge(thread?.messages ?? [], [message]) });
      if (author.type !== 'contact' && state.typing?.thread === id) set({ typing: undefined });
      const conversation = find(id);
      if (!conversation) this.sync().catch(() => {});
      if (known || !fresh) return;
      if (conversation) changed(arrived(conversation, message));
      announce(message);
    },
    typing(thread, name) {
      clearTimeout(typingTimer);
      typingTimer = setTimeout(() => set({ typing: undefined }), TYPING_SHOWN);
      set({ typing: { thread, name } });
    },
  };
}
