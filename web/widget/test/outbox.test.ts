import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../src/panel/core/failure.ts';
import { createMemory } from '../src/panel/core/memory.ts';
import { createOutbox, type OutboxDeps } from '../src/panel/core/outbox.ts';
import type { Message } from '../src/panel/core/wire.ts';
import { conversation, message } from './builders.ts';

/** A server that stores each client_id once, and loses requests and answers as told. */
class Server {
  stored: Message[] = [];
  conversations: string[] = [];
  /** What becomes of the next requests: lost on the way, answer lost, refused, or (when empty) well. */
  fate: ('request' | 'answer' | 'refuse' | 'busy')[] = [];
  calls = 0;
  running = 0;

  post = async <T>(path: string, sent: unknown): Promise<T> => {
    const { body, client_id } = sent as { body: string; client_id: string };
    this.calls++;
    expect(++this.running).toBe(1); // one at a time, in order
    await Promise.resolve();
    this.running--;
    const fate = this.fate.shift();
    if (fate === 'request') throw new Failure('network', 'lost');
    if (fate === 'refuse') throw new Failure('invalid', 'may not', 422);
    if (fate === 'busy') throw new Failure('busy', 'wait', 429, 9000);
    const id = /conversations\/([^/]+)\//.exec(path)?.[1];
    if (id && !this.conversations.includes(id)) throw new Failure('not_found', 'no', 404);
    const known = this.stored.find((one) => one.client_id === client_id);
    const made = known ?? this.#store(id, body, client_id);
    if (fate === 'answer') throw new Failure('network', 'lost');
    if (id) return made as T;
    return { ...conversation({ id: made.conversation_id }), message: made } as T;
  };

  #store(id: string | undefined, body: string, client_id: string): Message {
    const conversation_id = id ?? `cnv_${this.conversations.push('') - 1}`;
    if (!id) this.conversations[this.conversations.length - 1] = conversation_id;
    const made = message({ id: `msg_${this.stored.length}`, conversation_id, body, client_id });
    this.stored.push(made);
    return made;
  }
}

let chain: Promise<void>;
const sent: Message[] = [];

function setUp(server: Server, over: Partial<OutboxDeps> = {}) {
  const memory = createMemory('wk_1');
  const failed: Failure[] = [];
  const outbox = createOutbox({
    memory,
    post: server.post,
    exclusive: (work) => {
      chain = chain.then(work);
      return chain;
    },
    onSent: (one) => sent.push(one),
    onFailed: (_, failure) => failed.push(failure),
    onChange: () => {},
    ...over,
  });
  return { memory, outbox, failed };
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sent.length = 0;
  chain = Promise.resolve();
});
afterEach(() => vi.useRealTimers());

describe('the outbox', () => {
  it('sends the first message into a new conversation and the next into the same', async () => {
    const server = new Server();
    const { outbox, memory } = setUp(server);
    outbox.add('new:x', 'one');
    outbox.add('new:x', 'two');
    await vi.runAllTimersAsync();
    expect(server.stored.map(({ body, conversation_id }) => [body, conversation_id])).toEqual([
      ['one', 'cnv_0'],
      ['two', 'cnv_0'],
    ]);
    expect(sent).toHaveLength(2);
    expect(memory.drafts()).toEqual([]);
  });

  it('keeps a message while the network is down, and sends it under the same client_id', async () => {
    const server = new Server();
    server.fate = ['request', 'answer', 'request'];
    const { outbox, memory } = setUp(server);
    const { client_id } = outbox.add('new:x', 'hello');
    await vi.advanceTimersByTimeAsync(100);
    expect(outbox.waiting()).toBe(true);
    expect(memory.drafts().map((draft) => draft.client_id)).toEqual([client_id]);
    await vi.runAllTimersAsync();
    expect(server.calls).toBe(4);
    expect(server.stored.map((one) => one.client_id)).toEqual([client_id]);
    expect(sent).toHaveLength(1);
  });

  it('survives a reload: what was in line is sent by the next page', async () => {
    const server = new Server();
    server.fate = ['answer'];
    const before = setUp(server);
    before.outbox.add('new:x', 'hello');
    await vi.advanceTimersByTimeAsync(10);
    vi.clearAllTimers(); // the page is gone
    const after = setUp(server);
    await after.outbox.flush();
    expect(server.stored).toHaveLength(1);
    expect(after.memory.drafts()).toEqual([]);
  });

  it('shows a refused message and lets the others pass', async () => {
    const server = new Server();
    server.fate = ['refuse'];
    const { outbox, failed, memory } = setUp(server);
    outbox.add('new:x', 'bad');
    outbox.add('new:x', 'good');
    await vi.runAllTimersAsync();
    expect(failed.map(({ code }) => code)).toEqual(['invalid']);
    expect(memory.drafts().map(({ body, error }) => [body, error])).toEqual([['bad', 'may not']]);
    const [refused] = memory.drafts();
    outbox.retry(refused?.client_id ?? '');
    await vi.runAllTimersAsync();
    expect(server.stored.map(({ body }) => body)).toEqual(['good', 'bad']);
  });

  it('waits as long as the server asks', async () => {
    const server = new Server();
    server.fate = ['busy'];
    const { outbox } = setUp(server);
    outbox.add('new:x', 'hello');
    await vi.advanceTimersByTimeAsync(8900);
    expect(server.calls).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(server.calls).toBe(2);
  });

  it('opens a new conversation where the old one is gone', async () => {
    const server = new Server();
    const { outbox } = setUp(server);
    const one = outbox.add('cnv_gone', 'still here');
    outbox.add('cnv_gone', 'me too');
    await vi.runAllTimersAsync();
    expect(server.stored.map(({ conversation_id }) => conversation_id)).toEqual(['cnv_0', 'cnv_0']);
    expect(outbox.threadOf(one)).toBe('cnv_0');
  });

  it('drops a message that the stream tells of, though the answer never came', async () => {
    const server = new Server();
    server.fate = ['answer'];
    const { outbox, memory } = setUp(server);
    outbox.add('new:x', 'hello');
    await vi.advanceTimersByTimeAsync(10);
    outbox.settle(server.stored[0] as Message);
    outbox.settle(server.stored[0] as Message);
    await vi.runAllTimersAsync();
    expect(memory.drafts()).toEqual([]);
    expect(sent).toHaveLength(1);
    expect(server.calls).toBe(1);
  });

  it('neither loses nor doubles, whatever gets lost and however many tabs send', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      localStorage.clear();
      let state = seed;
      const random = (below: number) => {
        state = (state * 48271) % 2147483647;
        return state % below;
      };
      const server = new Server();
      const fates = ['request', 'answer', 'busy', undefined, undefined] as const;
      server.fate = Array.from({ length: 30 }, () => fates[random(5)] as 'request');
      const tabs = [setUp(server), setUp(server)];
      const words: string[] = [];
      for (let n = 0; n < 8; n++) {
        words.push(`${n}`);
        tabs[random(2)]?.outbox.add(`new:${seed}`, `${n}`);
        await vi.advanceTimersByTimeAsync(random(4000));
        if (random(3) === 0) tabs.push(setUp(server)); // a reload, or another tab
        if (random(3) === 0) tabs[random(tabs.length)]?.outbox.flush();
      }
      await vi.runAllTimersAsync();
      await tabs[0]?.outbox.flush();
      await vi.runAllTimersAsync();
      expect(server.stored.map(({ body }) => body).sort()).toEqual(words);
      expect(new Set(server.stored.map(({ conversation_id }) => conversation_id)).size).toBe(1);
      expect(tabs[0]?.memory.drafts()).toEqual([]);
    }
  });
});
