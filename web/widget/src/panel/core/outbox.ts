/**
 * Messages on their way to the server. Each keeps its `client_id` from the first try to the last, so that a retry
 * is harmless; each is kept in the browser until the server has it, so that a reload loses none; and only one tab
 * sends at a time.
 */
import { backoff } from './backoff.ts';
import { asFailure, type Failure, isTransient } from './failure.ts';
import type { Draft, Memory } from './memory.ts';
import type { Conversation, Message } from './wire.ts';

export interface OutboxDeps {
  memory: Memory;
  post: <T>(path: string, body: unknown) => Promise<T>;
  /** Runs the work while no other tab runs its own. */
  exclusive: (work: () => Promise<void>) => Promise<void>;
  /** The server has the message. Told once per message. */
  onSent: (message: Message, conversation: Conversation | undefined) => void;
  onFailed: (draft: Draft, failure: Failure) => void;
  onChange: () => void;
}

export interface Outbox {
  /** Puts a message in line and starts sending. */
  add(thread: string, body: string): Draft;
  /** Tries again what the server had refused. */
  retry(clientId: string): void;
  discard(clientId: string): void;
  /** The server has this message: told by its answer, by the stream, or by another tab. */
  settle(message: Message, conversation?: Conversation): void;
  /** Sends what is in line now, without waiting out a pause. */
  flush(): Promise<void>;
  /** Whether something was tried and did not get through. */
  waiting(): boolean;
  /** The thread in which a draft shows: its own, or what that has become. */
  threadOf(draft: Draft): string;
}

export function createOutbox({ memory, post, exclusive, onSent, onFailed, onChange }: OutboxDeps): Outbox {
  let running = false;
  let again = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;

  const find = (clientId: unknown) => memory.drafts().find(({ client_id }) => client_id === clientId);
  const threadOf = ({ thread }: Draft) => memory.became(thread) ?? thread;

  const settle: Outbox['settle'] = (message, conversation) => {
    const draft = find(message.client_id);
    if (!draft) return;
    if (draft.thread !== message.conversation_id) memory.became(draft.thread, message.conversation_id);
    memory.dropDraft(draft.client_id);
    onSent(message, conversation);
    onChange();
  };

  const send = async (draft: Draft): Promise<void> => {
    const { client_id } = draft;
    const body = { body: draft.body, client_id };
    const thread = threadOf(draft);
    if (!thread.startsWith('new:')) {
      try {
        return settle({ ...(await post<Message>(`conversations/${thread}/messages`, body)), client_id });
      } catch (error) {
        // The conversation belonged to a session that is gone: the words still deserve to arrive.
        if ((error as Failure).status !== 404) throw error;
      }
    }
    const { message, ...conversation } = await post<Conversation & { message: Message }>(
      'conversations',
      body,
    );
    settle({ ...message, client_id, conversation_id: conversation.id }, conversation);
  };

  const sendAll = async (): Promise<void> => {
    for (;;) {
      const draft = memory.drafts().find(({ error }) => !error);
      if (!draft) return;
      try {
        await send(draft);
        failures = 0;
      } catch (error) {
        if (isTransient(error)) {
          timer = setTimeout(flush, Math.max(error.retryAfter, backoff(failures++)));
          return;
        }
        refuse(draft, asFailure(error));
      }
    }
  };

  const refuse = (draft: Draft, failure: Failure) => {
    if (!find(draft.client_id)) return; // the stream told that it arrived after all
    memory.saveDraft({ ...draft, error: failure.message });
    onFailed(draft, failure);
    onChange();
  };

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await exclusive(sendAll);
      }
    } finally {
      running = false;
      onChange();
    }
  };

  return {
    settle,
    flush,
    threadOf,
    waiting: () => !!timer,
    add(thread, body) {
      // Strictly later than the one before, so that they leave in the order they were written.
      last = Math.max(last + 1, Date.now());
      const draft = { client_id: newId(), thread, body, at: new Date(last).toISOString() };
      memory.saveDraft(draft);
      onChange();
      flush();
      return draft;
    },
    retry(clientId) {
      const draft = find(clientId);
      if (draft) memory.saveDraft({ ...draft, error: '' });
      onChange();
      flush();
    },
    discard(clientId) {
      memory.dropDraft(clientId);
      onChange();
    },
  };
}

/** 128 random bits. `crypto.randomUUID` is missing on pages without https. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
