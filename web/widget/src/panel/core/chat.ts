/** The conversation between a person and the server: the screen shows its state and calls its methods. */
import type { Consent, ConsentState } from '@botimum/browser/types';
import type { Look } from '../../mount.ts';
import { type Api, createApi } from './api.ts';
import { backoff } from './backoff.ts';
import { type Conversations, createConversations } from './conversations.ts';
import type { Events } from './events.ts';
import { type Failure, isTransient } from './failure.ts';
import { createLine } from './line.ts';
import type { Memory } from './memory.ts';
import { createOutbox, newId, type Outbox } from './outbox.ts';
import type { Frame } from './sse.ts';
import { createStore, type State, type Store, type View } from './state.ts';
import type { Note, Tabs } from './tabs.ts';
import type { AgeAnswer, Conversation, Message, SessionAnswer, Settings, Update } from './wire.ts';

const TYPING_TOLD = 3000;

export interface ChatDeps {
  base: string;
  workspaceKey: string;
  memory: Memory;
  tabs: Tabs;
  events: Events;
  initial: Pick<State, 'locale' | 'words'>;
  onChange: (state: State) => void;
  /** How the launcher should look, once known; without a look it is to be shown as it is. */
  onLook: (look?: Look) => void;
}

export interface Chat extends Store {
  conversations: Conversations;
  outbox: Outbox;
  /** Resolves with the first settings; rejects where the server refuses this workspace or page. */
  ready: Promise<void>;
  /** Shows a view; the board has a slug. */
  open(view?: View, board?: string): void;
  close(): void;
  /** Puts a conversation on the screen, or an empty one. */
  show(thread?: string): void;
  /** Sends a message into the conversation on screen. Resolves once the server has stored it. */
  send(body: string): Promise<Message>;
  /** The person is writing: told every few seconds at most, and only in a conversation that exists. */
  typing(): void;
  /** Hands over personal data or proof of identity. Proof may turn the session into another person's. */
  identify(person: object): Promise<SessionAnswer['contact']>;
  consent(purpose: string, action: 'grant' | 'withdraw', source?: 'javascript'): Promise<Consent>;
  /** What the person may ask for themselves: in JSON, or a file. */
  api: Api;
  /** Tells the age, has a parent asked, or looks whether they agreed. */
  age(method: string, path: string, body?: object): Promise<void>;
  skipEmail(): void;
  /** Forgets the person in this browser, in every tab. */
  reset(): Promise<unknown>;
}

/** Somebody who waits for a message to be stored; of one from before a reload, nobody but the page's listeners. */
interface Waiter {
  resolve?: (message: Message) => void;
  reject?: (failure: Failure) => void;
}

export function createChat(deps: ChatDeps): Chat {
  const { memory, tabs, events, onLook } = deps;
  const store = createStore(initialState(deps), deps.onChange);
  const { state, set } = store;
  const waiters = new Map<string, Waiter>(state.drafts.map(({ client_id }) => [client_id, {}]));
  /** Id of the contact, where it is known. */
  let person: string | undefined;
  let typingTold = 0;
  let knock = () => {};

  const api = createApi({
    ...deps,
    locale: () => state.locale,
    onSession({ settings, contact }) {
      person = contact?.id;
      set({ settings, contact, consents: settings.consents ?? {}, connected: true });
      onLook(settings);
      events.emit('ready', { contact });
    },
    onLost: () => startOver(),
  });

  const outbox = createOutbox({
    memory,
    async post(path, body) {
      await api.ensure();
      keep();
      return api.call('POST', path, body);
    },
    exclusive: (work) => tabs.alone('outbox', work),
    onSent(message, conversation) {
      tabs.tell({ message, conversation });
      stored(message, conversation);
    },
    onFailed({ client_id }, failure) {
      waiters.get(client_id)?.reject?.(failure);
      events.emit('error', failure);
    },
    onChange: () => set({ drafts: memory.drafts() }),
  });

  const conversations = createConversations({
    ...deps,
    ...store,
    api,
    onMessage: (message) => finish(message),
    onGone() {
      memory.forget();
      api.adopt(undefined);
      startOver();
    },
  });
  const sync = () => conversations.sync().catch(() => {});

  const line = createLine({
    open: api.stream,
    tabs,
    onFrame: (frame) => receive(frame),
    onState: (up) => reach(up),
  });

  // ── the session ──

  /** From here on the browser remembers the person, who has just done something on purpose. */
  const keep = (contact = person) => {
    const token = api.token();
    person = contact;
    if (token) memory.keep({ token, contact }); // else kept when the message leaves
  };

  /** Back to an empty page: the person is another one, or gone. */
  const startOver = () => {
    line.stop();
    person = undefined;
    conversations.clear();
    set({ contact: null, consents: {}, thread: firstThread(memory) });
  };

  /** Opens the line and fetches what the person has; does nothing for someone who only looks. */
  const resume = async () => {
    if (!memory.saved()) return;
    line.start();
    await sync();
  };

  /** Starts the session, trying until the server can be reached. */
  const begin = async (): Promise<void> => {
    for (let failures = 0; ; failures++) {
      try {
        await api.ensure();
        break;
      } catch (error) {
        if (!isTransient(error)) throw error;
        set({ connected: false });
        onLook();
        await new Promise<void>((resolve) => {
          setTimeout(resolve, backoff(failures));
          knock = resolve;
        });
      }
    }
    memory.sweep();
    resume();
    outbox.flush();
  };

  const reach = (connected: boolean) => {
    set({ connected });
    if (connected) outbox.flush();
  };

  // ── what arrives ──

  const receive = ({ event, data }: Frame) => {
    const { message, conversation, conversation_id, author, purpose } = parse(data);
    if (event === 'hello' || event === 'reset') sync();
    else if (message) stored(message, undefined, event === 'message.created');
    else if (conversation) place(conversation);
    else if (purpose) setConsent(purpose, event === 'consent.granted' ? 'granted' : 'withdrawn');
    else if (event === 'typing' && conversation_id && author?.type !== 'contact') {
      conversations.typing(conversation_id, author?.name ?? '');
    }
  };

  /** Takes in a conversation from elsewhere. A tab that has shown nothing yet goes to it. */
  const place = (conversation?: Conversation) => {
    const known = state.conversations[0] || state.drafts.some(({ thread }) => thread === state.thread);
    if (!known) sync();
    else if (conversation) conversations.changed(conversation);
  };

  const hear = (note: Note) => {
    if (note.message) {
      place(note.conversation);
      stored(note.message);
    } else line.hear(note);
  };

  /** The server has a message: the person's own, from any tab, or an answer. */
  const stored = (message: Message, conversation?: Conversation, fresh = true) => {
    if (conversation) conversations.changed(conversation);
    finish(message);
    const id = message.conversation_id;
    if (memory.became(state.thread) === id) {
      set({ thread: id, threads: { [id]: { messages: [message], older: null }, ...state.threads } });
      sync();
    }
    conversations.take(message, fresh);
  };

  /** Takes a message out of the line if it was in it. */
  const finish = (message: Message) => {
    const { client_id, author } = message;
    if (author.type !== 'contact' || !client_id) return;
    const waiter = waiters.get(client_id);
    if (waiter) {
      waiters.delete(client_id);
      keep(author.id);
      waiter.resolve?.(message);
      events.emit('message:sent', message);
      line.start();
    }
    outbox.settle(message);
  };

  const setConsent = (purpose: string, now: ConsentState) => {
    if (state.consents[purpose] === now) return;
    set({ consents: { ...state.consents, [purpose]: now } });
    events.emit('consent:changed', { purpose, state: now });
  };

  // ── the page around us ──

  const wake = () => {
    knock();
    line.wake();
    outbox.flush();
  };

  /** Another tab has changed what is kept: its session is ours. */
  const onStorage = ({ key }: StorageEvent) => {
    if (key?.startsWith(`${memory.sessionKey}:out:`)) set({ drafts: memory.drafts() });
    if (key !== memory.sessionKey) return;
    const saved = memory.saved();
    if (saved?.token === api.token()) return;
    api.adopt(saved?.token);
    if (!person || saved?.contact !== person) startOver();
    person = saved?.contact;
    resume();
  };

  addEventListener('online', () => {
    set({ connected: true }); // until the line says otherwise
    wake();
  });
  addEventListener('offline', () => {
    set({ connected: false });
    line.drop();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    wake();
    conversations.read();
  });
  addEventListener('storage', onStorage);
  tabs.listen(hear);

  const ready = begin();
  ready.catch((failure) => events.emit('error', failure));

  return {
    ...store,
    conversations,
    outbox,
    ready,
    open(view = state.view, board = state.board) {
      const { open } = state;
      set({ open: true, view, board });
      knock();
      if (open) return;
      conversations.show(state.thread);
      events.emit('chat:opened', undefined);
    },
    close() {
      if (!state.open) return;
      set({ open: false, divider: undefined });
      events.emit('chat:closed', undefined);
    },
    show(thread = `new:${newId()}`) {
      set({ view: 'thread' });
      conversations.show(thread);
    },
    send(body) {
      const { thread } = state;
      keep();
      set({ divider: undefined });
      const { client_id } = outbox.add(thread, body);
      return new Promise((resolve, reject) => waiters.set(client_id, { resolve, reject }));
    },
    typing() {
      const { thread } = state;
      if (thread.startsWith('new:') || Date.now() - typingTold < TYPING_TOLD) return;
      typingTold = Date.now();
      api.call('POST', 'typing', { conversation_id: thread }).catch(() => {});
    },
    async identify(claim) {
      const { contact, session_token } = await api.call<SessionAnswer>('POST', 'identify', claim);
      const other = person && contact?.id !== person;
      if (session_token) api.adopt(session_token);
      if (other) startOver();
      keep(contact?.id);
      set({ contact });
      if (contact) events.emit('identified', contact);
      await resume();
      return contact;
    },
    async consent(purpose, action, source) {
      const version = state.settings?.purposes.find(({ key }) => key === purpose)?.version;
      const answer = await api.call<Consent>('POST', 'consents', { purpose, action, version, source });
      const now = action === 'grant' ? 'granted' : 'withdrawn';
      keep();
      setConsent(purpose, now);
      return { ...answer, purpose, state: now };
    },
    api,
    async age(method, path, body) {
      const { session_token, age } = await api.call<AgeAnswer>(method, path, body);
      api.adopt(session_token);
      keep();
      set({ settings: { ...state.settings, age } as Settings });
    },
    skipEmail() {
      set({ email: 'skipped' });
      memory.amend({ skipped: true });
    },
    reset() {
      memory.clear();
      api.adopt(undefined);
      set({ drafts: [], email: 'ask', view: 'thread' });
      startOver();
      return api.ensure();
    },
  };
}

function initialState({ memory, initial }: ChatDeps): State {
  const drafts = memory.drafts();
  return {
    ...initial,
    contact: null,
    consents: {},
    connected: navigator.onLine,
    open: false,
    view: 'thread',
    thread: firstThread(memory),
    conversations: [],
    threads: {},
    drafts,
    email: memory.saved()?.skipped ? 'skipped' : 'ask',
  };
}

/** What is on its way is what the person was looking at, before a reload too. */
function firstThread(memory: Memory): string {
  const thread = memory.drafts().at(-1)?.thread ?? `new:${newId()}`;
  return memory.became(thread) ?? thread;
}

/** A change comes in an envelope; typing comes bare. */
function parse(data: string): Update {
  try {
    const frame = JSON.parse(data);
    return frame.data ?? frame;
  } catch {
    return {};
  }
}
