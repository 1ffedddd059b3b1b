import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoff } from '../src/panel/core/backoff.ts';
import { createLine, type LineDeps, SILENCE } from '../src/panel/core/line.ts';
import type { Note, Tabs } from '../src/panel/core/tabs.ts';

/** A server side whose connections the test opens, feeds and breaks. */
class Server {
  asked: string[] = [];
  down = false;
  #pieces: ReadableStreamDefaultController<Uint8Array>[] = [];

  open = async (lastId: string, signal: AbortSignal): Promise<Response> => {
    this.asked.push(lastId);
    if (this.down) throw new TypeError('no network');
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#pieces.push(controller);
        signal.addEventListener('abort', () => {
          try {
            controller.error(new DOMException('gone', 'AbortError'));
          } catch {
            // closed already
          }
        });
      },
    });
    this.say('event: hello\ndata: {"sequence":4}\n\n');
    return new Response(body);
  };

  say(text: string) {
    this.#pieces.at(-1)?.enqueue(new TextEncoder().encode(text));
  }

  cut() {
    this.#pieces.at(-1)?.close();
  }
}

/** Locks and talk between the lines of one test, as browserTabs gives them between tabs. */
class Browser {
  hearers: ((note: Note) => void)[] = [];
  #holder: { stolen: (reason: Error) => void } | undefined;
  #queue: (() => void)[] = [];
  /** Tabs whose notes reach nobody any more: frozen by the browser. */
  frozen = new Set<number>();

  tabs(index: number): Tabs {
    return {
      tell: (note) => {
        if (this.frozen.has(index)) return;
        for (const [at, hear] of this.hearers.entries()) if (at !== index) hear(structuredClone(note));
      },
      listen: () => {},
      alone: async (_, work, { steal, signal } = {}) => {
        if (steal) this.#holder?.stolen(new DOMException('stolen', 'AbortError'));
        else if (this.#holder) {
          await new Promise<void>((go, stop) => {
            this.#queue.push(go);
            signal?.addEventListener('abort', () => {
              this.#queue = this.#queue.filter((one) => one !== go);
              stop(signal.reason);
            });
          });
        }
        let stolen: (reason: Error) => void = () => {};
        const theft = new Promise<never>((_resolve, reject) => {
          stolen = reject;
        });
        const holder = { stolen };
        this.#holder = holder;
        try {
          await Promise.race([work(), theft]);
        } finally {
          if (this.#holder === holder) {
            this.#holder = undefined;
            this.#queue.shift()?.();
          }
        }
      },
    };
  }
}

function setUp(server: Server, browser = new Browser()) {
  const index = browser.hearers.length;
  const frames: string[] = [];
  const states: boolean[] = [];
  const deps: LineDeps = {
    open: server.open,
    tabs: browser.tabs(index),
    onFrame: ({ event, data }) => frames.push(`${event} ${data}`),
    onState: (up) => states.push(up),
  };
  const line = createLine(deps);
  browser.hearers.push((note) => line.hear(note));
  return { line, frames, states, browser };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => vi.useRealTimers());

const turn = () => vi.advanceTimersByTimeAsync(1);

describe('backoff', () => {
  it('doubles up to half a minute, spread over the upper half', () => {
    expect([0, 1, 2, 3, 10].map(backoff)).toEqual([1000, 2000, 4000, 8000, 30000]);
    vi.mocked(Math.random).mockReturnValue(0);
    expect(backoff(0)).toBe(500);
    expect(backoff(40)).toBe(15000);
  });
});

describe('the line', () => {
  it('passes frames on and resumes where it stopped', async () => {
    const server = new Server();
    const { line, frames, states } = setUp(server);
    line.start();
    await turn();
    server.say('id: 5\nevent: message.created\ndata: a\n\n');
    await turn();
    server.cut();
    await vi.advanceTimersByTimeAsync(1001);
    expect(server.asked).toEqual(['', '5']);
    expect(frames).toEqual(['hello {"sequence":4}', 'message.created a', 'hello {"sequence":4}']);
    expect(states).toEqual([true, false, true]);
    line.stop();
  });

  it('waits longer each time, and starts over once the server has greeted', async () => {
    const server = new Server();
    server.down = true;
    const { line } = setUp(server);
    line.start();
    await vi.advanceTimersByTimeAsync(7010); // 0, 1, 3 and 7 s
    expect(server.asked).toHaveLength(4);
    server.down = false;
    await vi.advanceTimersByTimeAsync(8000);
    expect(server.asked).toHaveLength(5);
    server.cut();
    await vi.advanceTimersByTimeAsync(1005);
    expect(server.asked).toHaveLength(6);
    line.stop();
  });

  it('does not wait out the pause when the network is back', async () => {
    const server = new Server();
    server.down = true;
    const { line } = setUp(server);
    line.start();
    await vi.advanceTimersByTimeAsync(4000);
    const tries = server.asked.length;
    server.down = false;
    line.wake();
    await turn();
    expect(server.asked).toHaveLength(tries + 1);
    line.stop();
  });

  it('counts a silent connection as dead, and heartbeats as life', async () => {
    const server = new Server();
    const { line } = setUp(server);
    line.start();
    for (let beat = 0; beat < 5; beat++) {
      await vi.advanceTimersByTimeAsync(15_000);
      server.say(': hb\n\n');
    }
    expect(server.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(SILENCE + 1100);
    expect(server.asked).toHaveLength(2);
    line.stop();
  });

  it('forgets its place when the server says so, and when it is stopped', async () => {
    const server = new Server();
    const { line } = setUp(server);
    line.start();
    await turn();
    server.say('id: 9\ndata: a\n\nevent: reset\ndata: {}\n\n');
    await turn();
    server.cut();
    await vi.advanceTimersByTimeAsync(1001);
    expect(server.asked).toEqual(['', '']);
    server.say('id: 9\ndata: a\n\n');
    await turn();
    line.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.asked).toHaveLength(2);
    line.start();
    await turn();
    expect(server.asked).toEqual(['', '', '']);
    line.stop();
  });

  it('is held by one tab, which tells the others; the next takes over and resumes', async () => {
    const server = new Server();
    const one = setUp(server);
    const two = setUp(server, one.browser);
    one.line.start();
    two.line.start();
    await turn();
    server.say('id: 7\nevent: message.created\ndata: a\n\n');
    await turn();
    expect(server.asked).toEqual(['']);
    expect(two.frames).toContain('message.created a');
    one.line.stop(); // the tab is closed
    await turn();
    expect(server.asked).toEqual(['', '7']);
    server.say('id: 8\nevent: message.created\ndata: b\n\n');
    await turn();
    expect(two.frames.filter((frame) => frame.startsWith('message'))).toEqual([
      'message.created a',
      'message.created b',
    ]);
    two.line.stop();
  });

  it('is taken from a tab that has gone quiet', async () => {
    const server = new Server();
    const one = setUp(server);
    const two = setUp(server, one.browser);
    one.line.start();
    two.line.start();
    await turn();
    one.browser.frozen.add(0);
    const beats = setInterval(() => server.say(': hb\n\n'), 5000);
    await vi.advanceTimersByTimeAsync(SILENCE + 15_000);
    clearInterval(beats);
    expect(server.asked).toHaveLength(2);
    server.say('id: 8\nevent: message.created\ndata: b\n\n');
    await turn();
    expect(two.frames).toContain('message.created b');
    two.line.stop();
    one.line.stop();
  });
});
