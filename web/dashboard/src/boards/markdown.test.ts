import { describe, expect, it } from 'vitest';
import { parse } from './markdown';

const text = (...inner: unknown[]) => [{ kind: 'text', text: inner }];

describe('parse', () => {
  it('reads what people write', () => {
    expect(parse('one\ntwo\n\nthree')).toEqual([
      { kind: 'text', text: ['one', { kind: 'break' }, 'two'] },
      { kind: 'text', text: ['three'] },
    ]);
    expect(parse('a **b** *c* ~~d~~ `e`')).toEqual(
      text(
        'a ',
        { kind: 'strong', inner: ['b'] },
        ' ',
        { kind: 'em', inner: ['c'] },
        ' ',
        { kind: 'strike', inner: ['d'] },
        ' ',
        {
          kind: 'code',
          text: 'e',
        },
      ),
    );
    expect(parse('see [this](https://a.example/x), or https://b.example/y.')).toEqual(
      text(
        'see ',
        { kind: 'link', href: 'https://a.example/x', inner: ['this'] },
        ', or ',
        { kind: 'link', href: 'https://b.example/y', inner: ['https://b.example/y'] },
        '.',
      ),
    );
    expect(parse('## Why\n- a\n- b\n  - c\n\n1. d\n> e\n---\n```\n**f**\n```').map((b) => b.kind)).toEqual([
      'heading',
      'list',
      'list',
      'quote',
      'rule',
      'code',
    ]);
  });

  it('leaves as text what would act, and what only looks like a mark', () => {
    expect(parse('[x](javascript:alert(1))')).toEqual(text('[x](javascript:alert(1))'));
    expect(parse('<img src=x onerror=alert(1)>')).toEqual(text('<img src=x onerror=alert(1)>'));
    expect(parse('snake_case_name and 2 * 3 * 4')).toEqual(text('snake_case_name and 2 * 3 * 4'));
    expect(parse('\\*not\\*')).toEqual(text('*not*'));
  });

  it('ends in time on hostile text', () => {
    const begun = performance.now();
    for (const nasty of [
      '*'.repeat(19_000),
      '[('.repeat(9_000),
      '> '.repeat(9_000),
      '`'.repeat(19_000),
      '_a '.repeat(6_000),
      '~~a'.repeat(6_000),
    ])
      parse(nasty);
    expect(performance.now() - begun).toBeLessThan(3_000);
  });
});
