import { describe, expect, it } from 'vitest';
import { contrast, foreground, readable } from '../src/loader/color.ts';
import { linkify } from '../src/panel/text/linkify.ts';
import { dayName, shortTime } from '../src/panel/text/time.ts';

/** A spread over the colour cube, so that nothing rests on a lucky sample. */
const COLOURS = [0, 51, 102, 128, 153, 204, 255].flatMap((r, _, steps) =>
  steps.flatMap((g) =>
    steps.map((b) => `#${[r, g, b].map((channel) => channel.toString(16).padStart(2, '0')).join('')}`),
  ),
);

describe('contrast', () => {
  it('counts as WCAG does', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(contrast('#0f766e', '#ffffff')).toBeCloseTo(5.47, 2);
  });

  it('finds a readable foreground for every colour', () => {
    for (const colour of COLOURS) expect(contrast(colour, foreground(colour))).toBeGreaterThanOrEqual(4.5);
    expect(foreground('#ffe066')).toBe('#000000');
    expect(foreground('#0f766e')).toBe('#ffffff');
  });

  it.each(['#f8f7f4', '#141412'])('makes every colour readable on %s', (ground) => {
    for (const colour of COLOURS) {
      for (const ratio of [3, 4.6]) {
        expect(contrast(readable(colour, ground, ratio), ground)).toBeGreaterThanOrEqual(ratio);
      }
    }
  });

  it('leaves a colour alone that is readable, and takes teal for what is none', () => {
    expect(readable('#0f766e', '#f8f7f4', 4.6)).toBe('#0f766e');
    expect(readable('url(x)', '#f8f7f4', 3)).toBe('#0f766e');
  });
});

describe('links in messages', () => {
  const hrefs = (text: string) => linkify(text).flatMap(({ href }) => href ?? []);

  it.each([
    ['See https://a.example/x?y=1#z.', ['https://a.example/x?y=1#z']],
    ['(http://a.example/b)', ['http://a.example/b']],
    ['www.a.example, www.b.example!', ['https://www.a.example', 'https://www.b.example']],
    ['HTTPS://A.EXAMPLE/Ü', ['HTTPS://A.EXAMPLE/Ü']],
    ['no link, a.example', []],
  ])('%s', (text, expected) => {
    expect(hrefs(text)).toEqual(expected);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'JaVaScRiPt://www.a/%0aalert(1)',
    'vbscript:www',
    'file:///etc',
  ])('never follows %s', (text) => {
    for (const href of hrefs(text)) expect(href).toMatch(/^https?:\/\//i);
  });

  it('gives back the message unchanged', () => {
    const parts = [
      'https://a.example/',
      'www.b.example',
      ' ',
      '\n',
      '(',
      ')',
      '.',
      'text',
      '<b>',
      '"',
      '🚂',
      'javascript:',
    ];
    for (let seed = 1; seed < 3000; seed += 7) {
      const text = Array.from(
        { length: 9 },
        (_, at) => parts[(seed * (at + 3) ** 2 + at) % parts.length],
      ).join('');
      expect(
        linkify(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }
  });
});

describe('times', () => {
  const now = new Date(2026, 10, 24, 15, 0).getTime();
  const at = (day: number, hour = 9) => new Date(2026, 10, day, hour, 30).toISOString();

  it.each([
    [24, 'today'],
    [23, 'yesterday'],
    [21, 'Saturday'],
    [3, 'November 3, 2026'],
  ])('names the %sth', (day, name) => {
    expect(dayName(at(day), 'en', now)).toBe(name);
  });

  it('goes by the reader’s midnight, not by 24 hours', () => {
    expect(dayName(at(23, 23), 'de', now)).toBe('gestern');
    expect(shortTime(at(24, 0), 'de', now)).toBe('00:30');
    expect(shortTime(at(23), 'de', now)).toBe('gestern');
  });
});
