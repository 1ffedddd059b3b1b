import type { Look } from '../mount.ts';
import { foreground, readable } from './color.ts';
import css from './launcher.css?inline';

export interface Launcher {
  root: ShadowRoot;
  button: HTMLButtonElement;
  badge: HTMLElement;
  /** Gives everything in the root the workspace's colour, and the launcher its side. */
  paint: (look?: Look) => void;
}

const BUBBLE = 'M21 11.5a8.4 8.4 0 0 1-12.3 7.4L3 20.5l1.6-5.2A8.4 8.4 0 1 1 21 11.5Z';

/** The token of that name, on which the workspace's colour must be readable. */
const PAPER = { light: '#f8f7f4', dark: '#141412' };

/**
 * Draws the round button. It stays unseen until somebody says how it looks, so that nothing changes colour or side
 * before the visitor's eyes.
 */
export function draw(): Launcher {
  const host = make('div', { id: 'botimum' });
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  const frame = make('aside', { ariaLabel: 'Chat' });
  const button = make('button', { className: 'launcher', hidden: true, ariaLabel: 'Chat' });
  const badge = make('span', { className: 'badge' });
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  const path = document.createElementNS(svg.namespaceURI, 'path') as SVGPathElement;
  path.setAttribute('d', BUBBLE);
  svg.append(path);
  button.append(svg, badge);
  frame.append(button);
  root.append(frame);
  // Beside <body>: page frameworks swap the body, and a transformed body would hold a fixed child.
  document.documentElement.append(host);

  let look: Look = { color: '', position: 'right' };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = (next = look) => {
    look = next;
    const { color, position } = look;
    const ground = dark.matches ? PAPER.dark : PAPER.light;
    const fill = readable(color, ground, 3);
    const { style } = host;
    style.setProperty('--fill', fill);
    style.setProperty('--on', foreground(fill));
    style.setProperty('--tint', readable(color, ground, 4.6));
    button.classList.toggle('left', position === 'left');
  };
  paint();
  dark.onchange = () => paint();
  return { root, button, badge, paint };
}

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(tag), properties);
}
