/**
 * widget.js: the only file a page names. Draws the launcher, makes `window.botimum`, and fetches the panel when the
 * page has finished its own work or the visitor asks for it.
 */
import type { Panel, PanelModule } from '../mount.ts';
import { draw } from './launcher.ts';
import { type Front, front } from './queue.ts';

/** File name of the panel bundle with its content hash, filled in by the build. */
declare const __PANEL__: string;

function boot({ src, dataset }: HTMLScriptElement, workspaceKey: string): void {
  const page = window as unknown as { botimum?: Partial<Front> & { q?: ArrayLike<unknown>[] } };
  if (page.botimum?.running) return;

  const base = new URL('.', src).href;
  const launcher = draw();
  const { button } = launcher;

  let start: (panel: Panel) => void;
  const panel = new Promise<Panel>((resolve) => {
    start = resolve;
  });
  let fetching = false;
  let failures = 0;
  const fetchPanel = (): void => {
    // Some browsers remember a failed import: another address asks again.
    const address = `${base}widget/assets/${__PANEL__}${failures ? `?${failures}` : ''}`;
    if (fetching) return;
    fetching = true;
    import(/* @vite-ignore */ address)
      .then((bundle: PanelModule) =>
        bundle.start({ ...launcher, base, workspaceKey, locale: dataset.locale }),
      )
      .then(start)
      .catch(() => {
        fetching = false;
        failures++;
        button.hidden = false;
      });
  };

  let asked = false;
  const botimum = front(page.botimum?.q ?? [], panel, fetchPanel);
  button.onclick = () => {
    if (!asked) botimum('chat', 'toggle');
    else fetchPanel();
    asked = true; // however often someone presses while the panel is on its way, it opens once
    panel.then(() => {
      asked = false;
    });
  };
  page.botimum = botimum;
  if (document.readyState === 'complete') whenIdle(fetchPanel);
  else addEventListener('load', () => whenIdle(fetchPanel));
}

function whenIdle(work: () => void): void {
  // Safari has no requestIdleCallback.
  (window.requestIdleCallback ?? setTimeout)(work);
}

const script = (document.currentScript ??
  document.querySelector('script[data-workspace]')) as HTMLScriptElement | null;
const workspaceKey = script?.dataset.workspace;
if (script && workspaceKey) boot(script, workspaceKey);
