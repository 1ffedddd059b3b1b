import type { Filter, SegmentField } from '../api/types';

const groups: Record<string, string> = {
  attributes: 'Attributes',
  profile: 'Profile',
  company: 'Company',
  tags: 'Tags',
  events: 'What they did',
  conversations: 'Conversations',
  votes: 'Votes on boards',
  consents: 'Consents',
};

export const groupName = (group: string) => groups[group] ?? group;

const ops: Record<string, string> = {
  is: 'is',
  is_not: 'is not',
  starts_with: 'starts with',
  not_starts_with: 'does not start with',
  contains: 'contains',
  not_contains: 'does not contain',
  is_set: 'is known',
  is_not_set: 'is not known',
  above: 'is more than',
  below: 'is less than',
  at_least: 'at least',
  at_most: 'at most',
  exactly: 'exactly',
  never: 'never',
  before: 'before',
  after: 'on or after',
  in_last_days: 'in the last',
  not_in_last_days: 'not in the last',
};

export function opName(op: string, field: SegmentField | undefined): string {
  if (field?.kind === 'number' && (op === 'at_least' || op === 'at_most')) return `is ${ops[op]}`;
  if (field?.kind === 'count' && op === 'never') return 'none';
  return ops[op] ?? op;
}

const plural = (n: number, one: string) => `${n.toLocaleString('en')} ${one}${n === 1 ? '' : 's'}`;

function valueText(f: Filter, field: SegmentField | undefined): string {
  if (f.op === 'in_last_days' || f.op === 'not_in_last_days') return plural(Number(f.value), 'day');
  if (typeof f.value === 'boolean') return f.value ? 'yes' : 'no';
  if (typeof f.value === 'number') return f.value.toLocaleString('en');
  const text = String(f.value);
  const label = field?.options?.find((o) => o.value === text)?.label;
  if (label) return label;
  return field?.kind === 'date' ? text.slice(0, 10) : `“${text}”`;
}

function conditionText(f: Filter, fields: Map<string, SegmentField>): string {
  const field = fields.get(f.field ?? '');
  const name = field?.label ?? f.field ?? '';
  const parts = [name, opName(f.op ?? '', field)];
  if (f.value !== undefined && f.value !== null) parts.push(valueText(f, field));
  if (f.days) parts.push(`within ${plural(f.days, 'day')}`);
  return parts.filter(Boolean).join(' ');
}

/** A filter in one line of words. */
export function filterText(f: Filter, fields: Map<string, SegmentField>, isInner = false): string {
  const group = f.all ?? f.any;
  if (!group) return conditionText(f, fields);
  const text = group.map((g) => filterText(g, fields, true)).join(f.all ? ' and ' : ' or ');
  return isInner && group.length > 1 ? `(${text})` : text;
}

export const people = (n: number) => (n === 1 ? '1 person' : `${n.toLocaleString('en')} people`);
