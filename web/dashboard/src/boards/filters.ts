import type { Order, PostQuery } from './data';

/** What the address of a board's posts says: which, and in what order. */
export interface Filters {
  sort?: Order;
  status?: string;
  state?: 'pending' | 'published';
  category?: string;
  tag?: string;
  owner?: string;
}

const word = (value: unknown): string | undefined => {
  if (typeof value === 'number') return String(value); // a tag such as 2026 is read as one
  return typeof value === 'string' && value ? value : undefined;
};

/** Reads the address; what is none of ours is left out. */
export function readFilters(search: Record<string, unknown>): Filters {
  const sort = word(search['sort']);
  const state = word(search['state']);
  const out: Filters = {};
  if (sort === 'top' || sort === 'new' || sort === 'weight') out.sort = sort;
  if (state === 'pending' || state === 'published') out.state = state;
  for (const name of ['status', 'category', 'tag', 'owner'] as const) {
    const value = word(search[name]);
    if (value) out[name] = value;
  }
  return out;
}

/** The question to the server. What waits for approval is asked for by age: nobody has voted for it. */
export function toQuery(filters: Filters, q: string): PostQuery {
  const { sort = filters.state === 'pending' ? 'new' : 'trending', owner, ...rest } = filters;
  return { ...rest, sort, ...(owner && { owner_id: owner }), ...(q && { q }) };
}

/** How many things the filters leave out by. */
export const filterCount = ({ sort: _, ...rest }: Filters): number => Object.keys(rest).length;
