import { expect, test } from 'vitest';
import type { Attribute, Contact } from '../../api/types';
import { attributeText, columnsOf, gridOf, toggled } from './columns';

const all = columnsOf([{ key: 'plan', label: 'Plan' } as Attribute]);

test('a column is put where it stands among all, and taken out', () => {
  expect(toggled(all, ['attributes.plan', 'email'], 'tags')).toEqual(['email', 'tags', 'attributes.plan']);
  expect(toggled(all, ['email', 'tags'], 'email')).toEqual(['tags']);
});

test('a chosen column that is no longer there is left out', () => {
  expect(toggled(all, ['attributes.gone'], 'email')).toEqual(['email']);
});

test('the grid has a place for the box, the name and each column', () => {
  expect(gridOf(all.slice(0, 2)).split(' ')).toHaveLength(4);
});

test('values of attributes are told in words', () => {
  const c = { attributes: { plan: true, seats: 1200, teams: ['a', 'b'] } } as unknown as Contact;
  expect(['plan', 'seats', 'teams', 'none'].map((k) => attributeText(c, `attributes.${k}`))).toEqual([
    'Yes',
    '1,200',
    'a, b',
    '',
  ]);
});
