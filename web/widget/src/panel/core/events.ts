import type { BotimumEventName, BotimumEvents, Listener } from '@botimum/browser/types';

export interface Events {
  on(event: string, listener: Listener<never>): void;
  off(event: string, listener: Listener<never>): void;
  emit<E extends BotimumEventName>(event: E, detail: BotimumEvents[E]): void;
}

/** Tells the page what happens. A listener that throws disturbs nobody else. */
export function createEvents(): Events {
  const listeners = new Map<string, Set<Listener<never>>>();
  let ready: unknown;
  const tell = (listener: unknown, detail: unknown) =>
    queueMicrotask(() => (listener as (detail: unknown) => void)(detail));
  return {
    on(event, listener) {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
      // Whoever comes late to "ready" is not left waiting.
      if (event === 'ready' && ready) tell(listener, ready);
    },
    off(event, listener) {
      listeners.get(event)?.delete(listener);
    },
    emit(event, detail) {
      if (event === 'ready') {
        if (ready) return;
        ready = detail;
      }
      for (const listener of listeners.get(event) ?? []) tell(listener, detail);
    },
  };
}
