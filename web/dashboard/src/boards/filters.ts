import type { Order, PostQuery } from './data';

/** What the address of a board's posts says: which, and in what order. */
export interface Filters {
  sort?: Order;
  status?: string;
  state?: 'pending' | 'published';
}

const word = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);

/** Reads the address; what is none of ours is left out. */
export function readFilters(search: Record<string, unknown>): Filters {
  const sort = word(search['sort']);
  const state = word(search['state']);
  const status = word(search['status']);
  return {
    ...((sort === 'top' || sort === 'new') && { sort }),
    ...(status && { status }),
    ...((state === 'pending' || state === 'published') && { state }),
  };
}

/** The question to the server. What waits for approval is asked for by age: nobody has voted for it. */
export function toQuery(filters: Filters, q: string): PostQuery {
  const { sort = filters.state === 'pending' ? 'new' : 'trending', ...rest } = filters;
  return { ...rest, sort, ...(q && { q }) };
}

/** How many things the filters leave out by. */
export const filterCount = ({ sort: _, ...rest }: Filters): number => Object.keys(rest).length;
