import type { Attribute, Contact } from '../../api/types';
import { Store } from '../../lib/store';

/** A column that can be shown beside the name. Attributes are `attributes.` and their key. */
export type ColumnId = string;

export interface Column {
  id: ColumnId;
  label: string;
}

const own: Column[] = [
  { id: 'email', label: 'E-mail' },
  { id: 'phone', label: 'Phone' },
  { id: 'tags', label: 'Tags' },
  { id: 'identity', label: 'Identity' },
  { id: 'seen', label: 'Last seen' },
  { id: 'added', label: 'Added' },
  { id: 'locale', label: 'Language' },
  { id: 'external_id', label: 'External id' },
];

const usual: ColumnId[] = ['email', 'tags', 'identity', 'seen'];
const kept = 'botimum.contact-columns';

/** Every column there is: those of all contacts, and one for each declared attribute. */
export function columnsOf(attributes: Attribute[]): Column[] {
  return [...own, ...attributes.map((a) => ({ id: `attributes.${a.key}`, label: a.label || a.key }))];
}

function stored(): ColumnId[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(kept) ?? '');
    if (Array.isArray(ids) && ids.every((i) => typeof i === 'string')) return ids;
  } catch {
    // Nothing is kept here, or it is no list: the usual ones are shown.
  }
  return usual;
}

/** Which columns this browser shows. */
export const chosenColumns = new Store<readonly ColumnId[]>(stored());

export function setColumns(next: readonly ColumnId[]): void {
  chosenColumns.set(next);
  try {
    localStorage.setItem(kept, JSON.stringify(next));
  } catch {
    // Storage is switched off: the choice lasts until the tab closes.
  }
}

/** The columns with one more or one less, in the order of all. */
export function toggled(all: Column[], chosen: readonly ColumnId[], id: ColumnId): ColumnId[] {
  return all.map((c) => c.id).filter((c) => (c === id ? !chosen.includes(c) : chosen.includes(c)));
}

const widths: Record<string, string> = { seen: '4.5rem', added: '6.5rem', identity: '7rem', locale: '5rem' };

/** The grid of a row: the box to choose, the name, and the columns. */
export function gridOf(columns: Column[]): string {
  return ['1.25rem', 'minmax(9rem,1.3fr)', ...columns.map((c) => widths[c.id] ?? 'minmax(5rem,1fr)')].join(
    ' ',
  );
}

/** An attribute's value in a word or two. */
export function attributeText(c: Contact, id: ColumnId): string {
  const value = c.attributes[id.slice('attributes.'.length)];
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'number') return value.toLocaleString('en');
  return Array.isArray(value) ? value.join(', ') : String(value);
}
