import type { Filter, SegmentField } from '../api/types';

/** How deep groups go, and how many conditions there are: the server's own limits. */
export const maxDepth = 3;
export const maxConditions = 20;

/** A condition as it is being written: it may lack what it needs. */
export interface Condition {
  id: number;
  field: string;
  op: string;
  value: string;
  days: string;
}

export interface Group {
  id: number;
  join: 'all' | 'any';
  of: Node[];
}

export type Node = Condition | Group;

export const isGroup = (n: Node): n is Group => 'of' in n;

let last = 0;
const next = () => ++last;

export const emptyCondition = (): Condition => ({ id: next(), field: '', op: '', value: '', days: '' });
export const emptyGroup = (): Group => ({ id: next(), join: 'any', of: [emptyCondition()] });
export const emptyTree = (): Group => ({ id: next(), join: 'all', of: [emptyCondition()] });

/** The node with what has the id replaced; null takes it out, with groups that are left empty. */
export function replace(group: Group, id: number, by: Node | null): Group {
  const of = group.of.flatMap((n): Node[] => {
    if (n.id === id) return by ? [by] : [];
    if (!isGroup(n)) return [n];
    const inner = replace(n, id, by);
    return inner.of.length || n.of.length === 0 ? [inner] : [];
  });
  return { ...group, of };
}

/** The tree with a node added at the end of a group. */
export function add(group: Group, to: number, node: Node): Group {
  if (group.id === to) return { ...group, of: [...group.of, node] };
  return { ...group, of: group.of.map((n) => (isGroup(n) ? add(n, to, node) : n)) };
}

export function countConditions(n: Node): number {
  return isGroup(n) ? n.of.reduce((sum, m) => sum + countConditions(m), 0) : 1;
}

/** What a condition needs beside its operator. */
export type Input = 'none' | 'text' | 'number' | 'boolean' | 'date' | 'days' | 'choice' | 'count';

export function inputOf(field: SegmentField | undefined, op: string): Input {
  if (!field || op === '' || op === 'is_set' || op === 'is_not_set') return 'none';
  if (field.kind === 'count') return 'count';
  if (op === 'in_last_days' || op === 'not_in_last_days') return 'days';
  return field.kind === 'string' || field.kind === 'list' ? 'text' : field.kind;
}

const whole = (s: string) => (/^\d{1,7}$/.test(s.trim()) ? Number(s) : undefined);

/** A condition as the server reads it; undefined while it lacks something. */
function wireCondition(c: Condition, field: SegmentField | undefined): Filter | undefined {
  if (!field?.ops.includes(c.op)) return undefined;
  const base: Filter = { field: c.field, op: c.op };
  const input = inputOf(field, c.op);
  if (input === 'none') return base;
  if (input === 'count') return wireCount(c, base);
  const value = wireValue(input, c.value);
  return value === undefined ? undefined : { ...base, value };
}

function wireValue(input: Input, text: string): unknown {
  switch (input) {
    case 'days':
      return whole(text) || undefined;
    case 'number': {
      const n = Number(text);
      return text.trim() !== '' && Number.isFinite(n) ? n : undefined;
    }
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    default:
      return text.trim() || undefined;
  }
}

function wireCount(c: Condition, base: Filter): Filter | undefined {
  const times = whole(c.value);
  const days = whole(c.days);
  if (c.op !== 'never' && times === undefined) return undefined;
  if (c.days.trim() !== '' && !days) return undefined;
  return { ...base, ...(c.op !== 'never' && { value: times }), ...(days && { days }) };
}

/** The tree as the server reads it; undefined while any condition lacks something. */
export function toFilter(group: Group, fields: Map<string, SegmentField>): Filter | undefined {
  const of: Filter[] = [];
  for (const n of group.of) {
    const f = isGroup(n) ? toFilter(n, fields) : wireCondition(n, fields.get(n.field));
    if (!f) return undefined;
    of.push(f);
  }
  return of.length ? { [group.join]: of } : undefined;
}

/** A filter of the server as a tree to edit: a lone condition becomes a group of one. */
export function fromFilter(filter: Filter): Group {
  const node = fromNode(filter);
  return isGroup(node) ? node : { id: next(), join: 'all', of: [node] };
}

function fromNode(f: Filter): Node {
  const group = f.all ?? f.any;
  if (group) return { id: next(), join: f.all ? 'all' : 'any', of: group.map(fromNode) };
  const value = f.value === undefined || f.value === null ? '' : String(f.value);
  return { id: next(), field: f.field ?? '', op: f.op ?? '', value, days: f.days ? String(f.days) : '' };
}
