/**
 * The live line to the server: server-sent events read with fetch, so that the session travels in a header.
 * One tab holds it and passes each frame on to the others; when that tab goes quiet, a visible one takes over and
 * resumes where it stopped.
 */
import { backoff } from './backoff.ts';
import { createParser, type Frame } from './sse.ts';
import type { Note, Tabs } from './tabs.ts';

/** The server sends a heartbeat every 15 s; after this long without a byte the connection counts as dead. */
export const SILENCE = 40_000;
/** How often the holding tab shows the others that it lives. */
export const BEAT = 10_000;

export interface LineDeps {
  open: (lastId: string, signal: AbortSignal) => Promise<Response>;
  tabs: Tabs;
  onFrame: (frame: Frame) => void;
  onState: (up: boolean) => void;
}

export interface Line {
  start(): void;
  /** Hangs up and forgets where it was: for when the person changes. */
  stop(): void;
  /** The network or the reader is back: do not wait out a pause. */
  wake(): void;
  /** The network is gone: do not wait for the silence to tell. */
  drop(): void;
  /** A frame or a sign of life from the tab that holds the line. */
  hear(note: Note): void;
}

export function createLine({ open, tabs, onFrame, onState }: LineDeps): Line {
  let lastId = '';
  let up = false;
  /** When the holding tab was last heard of. */
  let heard = 0;
  let ticking: ReturnType<typeof setInterval> | undefined;
  /** This tab's claim to the line; the claim that holds it; its connection. */
  let claim: AbortController | undefined;
  let holder: AbortSignal | undefined;
  let connection: AbortController | undefined;
  let wake = () => {};

  const leading = () => holder?.aborted === false;

  const state = (now: boolean) => {
    if (up && now) return;
    up = now;
    if (leading()) tabs.tell({ up });
    onState(up);
  };

  const take = (frame: Frame) => {
    if (frame.event === 'reset') lastId = '';
    else if (frame.id) lastId = frame.id;
    onFrame(frame);
  };

  /** One connection, until it breaks. True where the server had greeted. */
  const connect = async (): Promise<boolean> => {
    const call = new AbortController();
    connection = call;
    let watch: ReturnType<typeof setTimeout> | undefined;
    const patience = () => {
      clearTimeout(watch);
      watch = setTimeout(() => call.abort(), SILENCE);
    };
    let greeted = false;
    try {
      patience();
      const reader = (await open(lastId, call.signal)).body?.getReader();
      const parse = createParser();
      for (;;) {
        const piece = await reader?.read();
        if (!piece || piece.done || call.signal.aborted) break;
        patience();
        for (const frame of parse(piece.value)) {
          if (frame.event === 'hello') {
            greeted = true;
            state(true);
          }
          take(frame);
          tabs.tell({ frame });
        }
      }
    } catch {
      // A connection ends in many ways, and each is answered the same: by another one.
    }
    clearTimeout(watch);
    call.abort();
    return greeted;
  };

  /** Keeps the connection up until the claim ends. */
  const hold = async (turn: AbortSignal): Promise<void> => {
    if (turn.aborted) return;
    holder = turn;
    for (let failures = 0; ; failures++) {
      if (await connect()) failures = 0;
      if (turn.aborted) return;
      state(false);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, backoff(failures));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (turn.aborted) return;
    }
  };

  const give = () => {
    claim?.abort();
    connection?.abort();
    wake();
  };

  const contend = (steal?: true) => {
    give();
    const mine = new AbortController();
    claim = mine;
    tabs
      .alone('stream', () => hold(mine.signal), steal ? { steal } : { signal: mine.signal })
      .catch(() => {
        // Another tab has taken over, unless this claim was given up: then the next one is on already.
        if (claim === mine) contend();
      });
  };

  const tick = () => {
    if (leading()) tabs.tell({ up });
    else if (Date.now() - heard > SILENCE && !document.hidden) {
      heard = Date.now();
      contend(true);
    }
  };

  return {
    start() {
      if (claim) return;
      heard = Date.now();
      ticking = setInterval(tick, BEAT);
      contend();
    },
    stop() {
      clearInterval(ticking);
      give();
      claim = undefined;
      lastId = '';
      up = false;
    },
    wake: () => wake(),
    drop: () => connection?.abort(),
    hear({ frame, up: theirs = true }) {
      if (!claim || leading()) return;
      heard = Date.now();
      state(theirs);
      if (frame) take(frame);
    },
  };
}
