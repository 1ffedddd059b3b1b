// @vitest-environment node
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rules } from '../scripts/tokens.mjs';
import { en } from '../src/panel/i18n/en.ts';
import { fill, language } from '../src/panel/i18n/index.ts';

describe('languages', () => {
  it.each(['de', 'fr', 'es', 'pl', 'ar'])('%s says everything, with the same values', async (tag) => {
    const { words, locale } = await language(tag);
    expect(locale).toBe(tag);
    expect(Object.keys(words)).toEqual(Object.keys(en));
    for (const [key, phrase] of Object.entries(words)) {
      const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
      expect(values(phrase), key).toEqual(values(en[key as keyof typeof en]));
      expect(phrase.trim(), key).not.toBe('');
    }
    expect(words.send).not.toBe(en.send);
  });

  it.each([
    ['de-AT', 'de-AT'],
    ['en_GB', 'en-GB'],
    ['pt-BR', 'en'],
    ['not a tag', 'en'],
    ['', 'en'],
  ])('%s is shown in %s', async (tag, shown) => {
    expect((await language(tag)).locale).toBe(shown);
  });

  it('fills values in', () => {
    expect(fill('{n} of {max}, {n}', { n: 1, max: 2 })).toBe('1 of 2, 1');
  });
});

describe('the design tokens in the widget', () => {
  const shared = readFileSync(new URL('../../tokens/tokens.css', import.meta.url), 'utf8');

  it('takes what is named, and what that names, in both schemes', () => {
    const source = ':root{--a: light-dark(#fff, #000);--b: var(--a);--c: 1px;}';
    expect(rules('p{color:var(--b)}', source)).toBe(
      ':host{--b:var(--a);--a:#fff;}@media(prefers-color-scheme:dark){:host{--a:#000;}}',
    );
  });

  it('finds every token that the panel names', () => {
    const css = readFileSync(new URL('../src/panel/panel.css', import.meta.url), 'utf8');
    const found = rules(css, shared);
    const own = ['--fill', '--on', '--tint'];
    for (const [, name = ''] of css.matchAll(/var\((--[\w-]+)/g)) {
      if (!own.includes(name)) expect(found).toContain(`${name}:`);
    }
  });

  it('knows the paper that the workspace’s colour is checked against', () => {
    const loader = readFileSync(new URL('../src/loader/launcher.ts', import.meta.url), 'utf8');
    const [, light, dark] = /--paper: light-dark\((#\w+), (#\w+)\)/.exec(shared) ?? [];
    expect(loader).toContain(`{ light: '${light}', dark: '${dark}' }`);
  });
});
