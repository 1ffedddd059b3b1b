import type { Attribute } from '../api/types';

export const kindWords: Record<Attribute['kind'], string> = {
  string: 'Text',
  number: 'Number',
  boolean: 'Yes or no',
  date: 'Date',
  list: 'List of texts',
};

/** A key made of a label: lower-case words joined by _. Letters of other scripts leave none. */
export function keyOf(label: string): string {
  return label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 64);
}
