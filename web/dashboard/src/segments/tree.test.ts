import { expect, test } from 'vitest';
import type { Filter, SegmentField } from '../api/types';
import {
  add,
  countConditions,
  emptyCondition,
  emptyTree,
  fromFilter,
  type Group,
  isGroup,
  replace,
  toFilter,
} from './tree';
import { filterText } from './words';

const field = (key: string, kind: SegmentField['kind'], ops: string[]): [string, SegmentField] => [
  key,
  { key, kind, ops, label: key.split('.')[1] ?? key, group: 'x', sealed: false },
];
const fields = new Map([
  field('x.name', 'string', ['is', 'is_set']),
  field('x.age', 'number', ['above']),
  field('x.seen', 'date', ['before', 'in_last_days']),
  field('x.ok', 'boolean', ['is']),
  field('x.did', 'count', ['at_least', 'never']),
]);

const whole: Filter = {
  all: [
    { field: 'x.name', op: 'is', value: 'Ada' },
    {
      any: [
        { field: 'x.age', op: 'above', value: 3.5 },
        { field: 'x.ok', op: 'is', value: false },
      ],
    },
    { field: 'x.seen', op: 'in_last_days', value: 30 },
    { field: 'x.did', op: 'at_least', value: 0, days: 7 },
    { field: 'x.did', op: 'never' },
    { field: 'x.name', op: 'is_set' },
  ],
};

test('what was saved comes back as it was', () => {
  expect(toFilter(fromFilter(whole), fields)).toEqual(whole);
  expect(toFilter(fromFilter({ field: 'x.name', op: 'is_set' }), fields)).toEqual({
    all: [{ field: 'x.name', op: 'is_set' }],
  });
});

test('nothing is sent while a condition lacks something', () => {
  const of = (f: Filter) => toFilter(fromFilter(f), fields);
  expect(toFilter(emptyTree(), fields)).toBeUndefined();
  expect(of({ field: 'x.name', op: 'is', value: '  ' })).toBeUndefined();
  expect(of({ field: 'x.age', op: 'above', value: '1e999' })).toBeUndefined();
  expect(of({ field: 'x.seen', op: 'in_last_days', value: 0 })).toBeUndefined();
  expect(of({ field: 'x.gone', op: 'is', value: 'a' })).toBeUndefined();
  expect(of({ field: 'x.did', op: 'at_least', value: -1 })).toBeUndefined();
});

test('an empty group goes with its last condition', () => {
  const tree = fromFilter(whole);
  const inner = tree.of.find(isGroup);
  if (!inner) throw new Error('no group');
  const less = inner.of.reduce<Group>((t, n) => replace(t, n.id, null), tree);
  expect(less.of.some(isGroup)).toBe(false);
  expect(countConditions(less)).toBe(5);
  expect(countConditions(add(tree, inner.id, emptyCondition()))).toBe(8);
});

test('a filter reads as a sentence', () => {
  expect(filterText(whole, fields)).toBe(
    'name is “Ada” and (age is more than 3.5 or ok is no) and seen in the last 30 days and ' +
      'did at least 0 within 7 days and did none and name is known',
  );
});
