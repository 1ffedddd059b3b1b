import type { Envelope } from '../api/types';
import { type Frame, FrameParser } from './frames';

/** How the dashboard stands with the server right now. */
export type LiveStatus = 'connecting' | 'live' | 'reconnecting' | 'stopped';

export interface Ephemeral {
  type: 'typing' | 'presence';
  data: {
    conversation_id?: string;
    author?: { type: string; id: string; name: string };
    contact_id?: string;
    online?: boolean;
  };
}

export interface LiveHandlers {
  /** A change, once each and in the order of its sequence. */
  onEnvelope(envelope: Envelope): void;
  onEphemeral(event: Ephemeral): void;
  /** The stream stands at "now": anything read before may be older than the stream's start. */
  onStart(): void;
  /** The server cannot say what was missed: read everything again. */
  onReset(): void;
  onStatus(status: LiveStatus): void;
  onExpired(): void;
}

/** No frame for this long (the server sends one every 15 s) means that the line is dead. */
export const silenceLimit = 40_000;
const firstDelay = 500;
const longestDelay = 15_000;

/** Milliseconds to wait before try number n (from 0): doubling, capped, with a quarter of jitter. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const base = Math.min(longestDelay, firstDelay * 2 ** attempt);
  return Math.round(base * (0.75 + random() * 0.25));
}

/**
 * Follows the workspace's event stream and comes back after every cut with Last-Event-ID, so that nothing is missed
 * and nothing is handled twice. It reads with fetch, since EventSource can neither set headers nor see a status.
 */
export class LiveClient {
  private lastId: string | null = null;
  private attempt = 0;
  private abort: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private silence: ReturnType<typeof setTimeout> | null = null;
  private running = false;

  constructor(
    private readonly url: string,
    private readonly handlers: LiveHandlers,
    private readonly fetchStream: typeof fetch = (...args) => fetch(...args),
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.handlers.onStatus('connecting');
    void this.connect();
  }

  stop(): void {
    this.running = false;
    this.clearTimers();
    this.abort?.abort();
    this.abort = null;
    this.lastId = null;
    this.attempt = 0;
    this.handlers.onStatus('stopped');
  }

  /** Tries now rather than when the wait is over: the network or the tab has come back. */
  nudge(): void {
    if (!this.running || !this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.attempt = 0;
    void this.connect();
  }

  private async connect(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.armSilence(abort);
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (this.lastId !== null) headers['Last-Event-ID'] = this.lastId;
      const response = await this.fetchStream(this.url, {
        headers,
        signal: abort.signal,
        credentials: 'same-origin',
        cache: 'no-store',
      });
      if (response.status === 401) {
        this.stop();
        this.handlers.onExpired();
        return;
      }
      if (response.ok && response.body) await this.read(response.body, abort);
    } catch {
      // A cut line is the ordinary case: come back below.
    }
    if (this.abort === abort) this.retry();
  }

  private async read(stream: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const parser = new FrameParser();
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || abort.signal.aborted) return;
      this.armSilence(abort);
      for (const frame of parser.push(decoder.decode(value, { stream: true }))) this.handle(frame);
    }
  }

  private handle(frame: Frame): void {
    if (frame.type === 'comment') return;
    if (frame.type === 'reset') {
      this.lastId = null;
      this.handlers.onReset();
      return;
    }
    const data = parse(frame.data);
    if (frame.type === 'hello') {
      this.hello(data as { sequence?: number } | null);
      return;
    }
    if (frame.type === 'typing' || frame.type === 'presence') {
      if (data) this.handlers.onEphemeral({ type: frame.type, data: data as Ephemeral['data'] });
      return;
    }
    if (frame.id !== null) {
      // A proxy or a server that starts again may repeat itself: what was seen is not handled again.
      if (this.lastId !== null && Number(frame.id) <= Number(this.lastId)) return;
      this.lastId = frame.id;
    }
    if (data) this.handlers.onEnvelope(data as Envelope);
  }

  private hello(data: { sequence?: number } | null): void {
    this.attempt = 0;
    this.handlers.onStatus('live');
    if (this.lastId !== null) return;
    this.lastId = String(data?.sequence ?? 0);
    this.handlers.onStart();
  }

  private retry(): void {
    this.clearTimers();
    this.abort = null;
    if (!this.running) return;
    this.handlers.onStatus('reconnecting');
    this.timer = setTimeout(
      () => {
        this.timer = null;
        void this.connect();
      },
      backoff(this.attempt++),
    );
  }

  private armSilence(abort: AbortController): void {
    if (this.silence) clearTimeout(this.silence);
    this.silence = setTimeout(() => abort.abort(), silenceLimit);
  }

  private clearTimers(): void {
    if (this.timer) clearTimeout(this.timer);
    if (this.silence) clearTimeout(this.silence);
    this.timer = null;
    this.silence = null;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
