/**
 * `@botimum/browser`: puts the widget on a page and gives a typed `botimum()`.
 *
 * ```ts
 * import { botimum, load } from '@botimum/browser';
 * load({ host: 'https://chat.example.com', workspace: 'wk_…' });
 * await botimum('identify', { token });
 * ```
 */
import type { Botimum } from './types.js';

export type * from './types.js';

export interface LoadOptions {
  /** Where Botimum is served, such as `https://chat.example.com`. */
  host: string;
  /** The workspace key, `wk_…`. Public: it names the workspace and opens nothing. */
  workspace: string;
  /** BCP 47 tag. Without it the page's `lang` counts, then the browser's language. */
  locale?: string;
  /** For pages whose content security policy goes by nonce. */
  nonce?: string;
}

declare global {
  interface Window {
    botimum?: Botimum;
  }
}

let loading: Promise<Botimum> | undefined;
let announce: (loaded: Promise<Botimum>) => void;
const announced = new Promise<Botimum>((resolve) => {
  announce = resolve;
});

/**
 * Adds the script to the page, once; a second call gives the first one's promise.
 * Rejects where the script cannot be loaded, and may then be called again.
 */
export function load(options: LoadOptions): Promise<Botimum> {
  if (loading) return loading;
  const attempt = inject(options);
  loading = attempt;
  attempt.then(
    () => announce(attempt),
    () => {
      loading = undefined;
    },
  );
  return attempt;
}

/** Calls the widget; what is called before `load` has finished waits for it, in order. */
export const botimum: Botimum = ((...call: [never, never, never]) =>
  announced.then((ready) => ready(...call))) as Botimum;

function inject(options: LoadOptions): Promise<Botimum> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.async = true;
    script.src = `${options.host.replace(/\/+$/, '')}/widget.js`;
    script.dataset.workspace = options.workspace;
    if (options.locale) script.dataset.locale = options.locale;
    if (options.nonce) script.nonce = options.nonce;
    script.onload = () => {
      if (window.botimum) resolve(window.botimum);
      else reject(new Error(`${script.src} loaded but did not start`));
    };
    script.onerror = () => {
      script.remove();
      reject(
        new Error(`${script.src} could not be loaded: is the host right, and allowed by the page's CSP?`),
      );
    };
    document.head.append(script);
  });
}
