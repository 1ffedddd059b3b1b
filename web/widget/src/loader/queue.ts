import type { Panel } from '../mount.ts';

/** `window.botimum` as the loader makes it. */
export interface Front {
  (command: string, ...args: unknown[]): Promise<unknown>;
  /** Marks a running widget, so that a second script tag does nothing. */
  running: true;
}

/**
 * Makes the front door: calls run in the order they came, the ones that waited in the page's stub first.
 * Listening alone does not fetch the panel; every other command does.
 */
export function front(waiting: ArrayLike<unknown>[], panel: Promise<Panel>, fetchPanel: () => void): Front {
  const call = (command: string, ...args: unknown[]): Promise<unknown> => {
    if (command !== 'on' && command !== 'off') fetchPanel();
    return panel.then((running) => running.run(command, args));
  };
  for (const entry of waiting) {
    // Nobody holds this promise: a failure reaches the page through the `error` event.
    (call as (...entry: unknown[]) => Promise<unknown>)(...Array.from(entry)).catch(() => {});
  }
  return Object.assign(call, { running: true as const });
}
