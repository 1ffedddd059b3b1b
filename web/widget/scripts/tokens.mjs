/**
 * Vite plugin: gives panel.css the design tokens it uses, from the one file that all surfaces share. A `light-dark()`
 * value becomes a plain one and its dark twin under a media query, which older browsers of visitors understand.
 */
import { readFileSync } from 'node:fs';

export function tokens(file) {
  return {
    name: 'botimum-tokens',
    enforce: 'pre',
    transform(css, id) {
      if (!/panel\.css\?inline$/.test(id)) return null;
      this.addWatchFile(file);
      return `${rules(css, readFileSync(file, 'utf8'))}\n${css}`;
    },
  };
}

/** The `:host` rules that define every token named in `css`, and the tokens that those name in turn. */
export function rules(css, source) {
  const defined = new Map();
  for (const [, name, value] of source.matchAll(/(--[\w-]+):\s*([^;]+);/g)) {
    if (!defined.has(name)) defined.set(name, value.trim());
  }
  const used = new Set();
  const visit = (text) => {
    for (const [, name] of text.matchAll(/var\((--[\w-]+)/g)) {
      if (!defined.has(name) || used.has(name)) continue;
      used.add(name);
      visit(defined.get(name));
    }
  };
  visit(css);
  const light = [...used].map((name) => `${name}:${pick(defined.get(name), 0)};`);
  const dark = [...used]
    .filter((name) => defined.get(name).includes('light-dark('))
    .map((name) => `${name}:${pick(defined.get(name), 1)};`);
  return `:host{${light.join('')}}@media(prefers-color-scheme:dark){:host{${dark.join('')}}}`;
}

function pick(value, which) {
  return value.replace(/light-dark\(([^,()]+),\s*([^,()]+)\)/g, (_, light, dark) =>
    (which ? dark : light).trim(),
  );
}
