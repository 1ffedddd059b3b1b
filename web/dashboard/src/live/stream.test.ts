import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { envelope } from '../testing';
import { backoff, LiveClient, type LiveHandlers, silenceLimit } from './stream';

/** A server that is told what to do with each connection. */
class Wire {
  readonly lastIds: (string | null)[] = [];
  private controllers: ReadableStreamDefaultController<Uint8Array>[] = [];
  status = 200;

  readonly fetch: typeof fetch = async (_, init) => {
    this.lastIds.push(new Headers(init?.headers).get('Last-Event-ID'));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.controllers.push(controller);
        init?.signal?.addEventListener('abort', () =>
          controller.error(new DOMException('cut', 'AbortError')),
        );
      },
    });
    return new Response(this.status === 200 ? body : null, { status: this.status });
  };

  say(text: string): Promise<void> {
    this.controllers.at(-1)?.enqueue(new TextEncoder().encode(text));
    return settle();
  }

  event(sequence: number): Promise<void> {
    return this.say(
      `id: ${sequence}\nevent: conversation.updated\ndata: ${JSON.stringify(envelope(sequence, 'conversation.updated', {}))}\n\n`,
    );
  }

  cut(): Promise<void> {
    this.controllers.at(-1)?.close();
    return settle();
  }
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function watched() {
  const seen: number[] = [];
  const calls: string[] = [];
  const handlers: LiveHandlers = {
    onEnvelope: (e) => seen.push(e.sequence),
    onEphemeral: (e) => calls.push(e.type),
    onStart: () => calls.push('start'),
    onReset: () => calls.push('reset'),
    onStatus: (s) => calls.push(s),
    onExpired: () => calls.push('expired'),
  };
  return { seen, calls, handlers };
}

const hello = (sequence: number) => `event: hello\ndata: {"sequence":${sequence}}\n\n`;

describe('LiveClient', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('resumes after a cut with the last id it saw, and handles a repeated event once', async () => {
    const wire = new Wire();
    const { seen, calls, handlers } = watched();
    const client = new LiveClient('/stream', handlers, wire.fetch);
    client.start();
    await settle();
    await wire.say(hello(40));
    await wire.event(41);
    await wire.cut();
    await vi.advanceTimersByTimeAsync(600);
    await wire.say(hello(43));
    await wire.event(41);
    await wire.event(42);
    await wire.event(43);
    expect(wire.lastIds).toEqual([null, '41']);
    expect(seen).toEqual([41, 42, 43]);
    expect(calls).toEqual(['connecting', 'live', 'start', 'reconnecting', 'live']);
    client.stop();
  });

  it('resumes from where hello stood when nothing came in between', async () => {
    const wire = new Wire();
    const client = new LiveClient('/stream', watched().handlers, wire.fetch);
    client.start();
    await settle();
    await wire.say(hello(40));
    await wire.cut();
    await vi.advanceTimersByTimeAsync(600);
    expect(wire.lastIds).toEqual([null, '40']);
    client.stop();
  });

  it('takes a silent line for a dead one, and a heartbeat for life', async () => {
    const wire = new Wire();
    const { calls, handlers } = watched();
    const client = new LiveClient('/stream', handlers, wire.fetch);
    client.start();
    await settle();
    await wire.say(hello(1));
    await vi.advanceTimersByTimeAsync(silenceLimit - 1000);
    await wire.say(': hb\n\n');
    await vi.advanceTimersByTimeAsync(silenceLimit - 1000);
    expect(calls).not.toContain('reconnecting');
    await vi.advanceTimersByTimeAsync(2000);
    expect(calls).toContain('reconnecting');
    client.stop();
  });

  it('starts anew after reset', async () => {
    const wire = new Wire();
    const { calls, handlers } = watched();
    const client = new LiveClient('/stream', handlers, wire.fetch);
    client.start();
    await settle();
    await wire.say(hello(5));
    await wire.say('event: reset\ndata: {}\n\n');
    await wire.say(hello(900));
    await wire.event(901);
    await wire.cut();
    await vi.advanceTimersByTimeAsync(600);
    expect(calls.filter((c) => c === 'reset')).toHaveLength(1);
    expect(wire.lastIds.at(-1)).toBe('901');
    client.stop();
  });

  it('stops and says so when the session has ended', async () => {
    const wire = new Wire();
    wire.status = 401;
    const { calls, handlers } = watched();
    new LiveClient('/stream', handlers, wire.fetch).start();
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual(['connecting', 'stopped', 'expired']);
    expect(wire.lastIds).toHaveLength(1);
  });

  it('waits longer with each failure, up to a limit', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 20].map((n) => backoff(n, () => 1));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    expect(backoff(3, () => 0)).toBe(3000);
  });
});
