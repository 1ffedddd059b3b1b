import { expect, test } from 'vitest';
import { enter, matching, readable, toBody, toDraft, typing } from './naming';

const ada = `con_${'a'.repeat(26)}`;
const bob = `opr_${'b'.repeat(26)}`;
const team = { type: 'operator', id: bob, name: 'Bob' } as const;
const said = (body: string, author: { type: 'operator' | 'contact'; id: string; name: string } = team) => ({
  body,
  author,
  mentions: [
    { type: 'contact' as const, id: ada, name: 'Ada *Lovelace*' },
    { type: 'operator' as const, id: bob, name: 'Bob' },
  ],
});

test('names stand where ids are kept, and nothing in them is Markdown', () => {
  expect(readable(said(`Hi @[${ada}]!`))).toBe('Hi **@Ada \\*Lovelace\\***!');
  expect(readable({ ...said(`@[${ada}]`), mentions: [] })).toBe('**@somebody**');
  const words = `@[${ada}]`;
  expect(readable(said(words, { type: 'contact', id: ada, name: 'Ada' }))).toBe(words);
});

test('a draft goes back to the ids that it came from', () => {
  const book = new Map<string, string>();
  const body = `@[${bob}] and @[${ada}], @[${bob}]`;
  const draft = toDraft(said(body), book);
  expect(draft).toBe('@Bob and @Ada *Lovelace*, @Bob');
  expect(toBody(draft, book)).toBe(body);
});

test('two people of one name are told apart, and a longer name is not taken for a shorter one', () => {
  const book = new Map<string, string>();
  expect(enter(book, 'Bob', bob)).toBe('Bob');
  expect(enter(book, 'Bob', ada)).toBe('Bob 2');
  expect(enter(book, 'Bob', bob)).toBe('Bob');
  expect(toBody('@Bob 2, @Bob', book)).toBe(`@[${ada}], @[${bob}]`);
});

test('a name is being typed after an @ that begins a word', () => {
  expect(typing('Hi @ad', 6)).toEqual({ from: 3, query: 'ad' });
  expect(typing('@', 1)).toEqual({ from: 0, query: '' });
  expect(typing('mail@ad', 7)).toBe(null);
  expect(typing('@ad vice', 8)).toBe(null);
  const people = [
    { id: ada, name: 'Ada Lovelace', isTeam: false },
    { id: bob, name: 'Bob', isTeam: true },
  ];
  expect(matching(people, 'lo').map((p) => p.id)).toEqual([ada]);
});
