import { expect, test } from 'vitest';
import type { Company } from './data';
import { resultOf } from './merging';

const company = (fields: Partial<Company>): Company => ({
  id: 'cmp_1',
  name: 'Acme',
  domains: [],
  website: '',
  attributes: {},
  source: 'dashboard',
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
  people: 0,
  last_active_at: null,
  ...fields,
});

const facts = (stays: Partial<Company>, goes: Partial<Company>) =>
  Object.fromEntries(
    resultOf(company(stays), company(goes)).map((f) => [f.label, f.isAdded ? `+ ${f.value}` : f.value]),
  );

test('who stays keeps what both say, and gets what only the other says', () => {
  expect(
    facts(
      { domains: ['a.example'], website: 'https://www.a.example/', attributes: { plan: 'pro' }, people: 1 },
      {
        name: 'Other',
        domains: ['a.example', 'b.example'],
        website: 'https://b.example',
        attributes: { plan: 'free', head_count: 12, vip: false },
        people: 2,
      },
    ),
  ).toEqual({
    Name: 'Acme',
    People: '+ 3 people',
    Domains: '+ a.example, b.example',
    Website: 'a.example',
    plan: 'pro',
    'head count': '+ 12',
    vip: '+ No',
  });
});

test('nothing comes from one of whom nothing is known', () => {
  expect(facts({ people: 1 }, { name: 'Other' })).toEqual({
    Name: 'Acme',
    People: '1 person',
    Domains: '–',
    Website: '–',
  });
});
