import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Answer, body, client, versioned } from '../api/client';
import { keys } from '../api/keys';
import { isStatus, Problem } from '../api/problem';
import type { components } from '../api/schema.gen';
import type { Contact, Conversation, Page } from '../api/types';
import { Store, useStore } from '../lib/store';
import type { Sort } from './sorts';

type Schemas = components['schemas'];
export type Company = Schemas['Company'];
export type CompanyChange = Schemas['CompanyChange'];
export type CompanyEdit = Schemas['CompanyEdit'];
export type Following = Schemas['Following'];

const byId = (id: string) => ({ path: { id } });

/** Whether what is typed is a domain rather than the beginning of a name. */
export const isDomain = (q: string) => /^[^\s@]+\.[^\s.@]{2,}$/.test(q);

/** Companies by the beginning of their name, or by a whole domain. */
export function searchCompanies(q: string, cursor: string | undefined, signal: AbortSignal, limit = 50) {
  return body(
    client.POST('/api/v1/companies/search', {
      body: isDomain(q) ? { domain: q } : { q },
      params: { query: { cursor, limit } },
      signal,
    }),
  );
}

const flat = <T extends { id: string }>(data: InfiniteData<Page<T>> | undefined): T[] => [
  ...new Map(data?.pages.flatMap((p) => p.data).map((one) => [one.id, one])).values(),
];

/** Companies that are about to be gone: what the stream tells of their people meanwhile asks for none of them again. */
const going = new Store<ReadonlySet<string>>(new Set());

/** Does what ends a company. If it fails, the company is there as before. */
async function ending<T>(id: string, act: () => Promise<T>): Promise<T> {
  going.set((all) => new Set([...all, id]));
  try {
    return await act();
  } catch (error) {
    going.set((all) => new Set([...all].filter((one) => one !== id)));
    throw error;
  }
}

const useGoing = (id: string) => useStore(going, (all) => all.has(id));

interface Listed<T> {
  key: readonly unknown[];
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;
  isSearch?: boolean;
  /** The company that it is about. */
  of?: string;
}

/** A list in pages, each entry once, however often one moves while somebody reads. */
function useList<T extends { id: string }>({ key, ask, isSearch, of = '' }: Listed<T>) {
  const isGoing = useGoing(of);
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask(pageParam as string | undefined, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 10_000,
    enabled: !isGoing,
    ...(isSearch && { placeholderData: (old: InfiniteData<Page<T>> | undefined) => old, gcTime: 0 }),
  });
  return { ...list, items: useMemo(() => flat(list.data), [list.data]) };
}

/** All companies in an order, or those that are found. */
export function useCompanies(q: string, sort: Sort) {
  return useList<Company>({
    key: [...keys.companies, q, q ? '' : sort],
    isSearch: q !== '',
    ask: (cursor, signal) =>
      q
        ? searchCompanies(q, cursor, signal)
        : body(client.GET('/api/v1/companies', { params: { query: { sort, cursor, limit: 50 } }, signal })),
  });
}

/** A company, with its version. */
export function useCompany(id: string) {
  const isGoing = useGoing(id);
  return useQuery({
    queryKey: keys.company(id),
    queryFn: ({ signal }) => versioned(client.GET('/api/v1/companies/{id}', { params: byId(id), signal })),
    staleTime: 10_000,
    enabled: !isGoing,
  });
}

/** Who belongs to a company, newest first. */
export function usePeople(id: string) {
  return useList<Contact>({
    of: id,
    key: [...keys.company(id), 'people'],
    ask: (cursor, signal) =>
      body(
        client.GET('/api/v1/companies/{id}/contacts', {
          params: { ...byId(id), query: { cursor, limit: 50 } },
          signal,
        }),
      ),
  });
}

/** What a company's people talked about, the liveliest first. */
export function useTalk(id: string) {
  return useList<Conversation>({
    of: id,
    key: [...keys.company(id), 'conversations'],
    ask: (cursor, signal) =>
      body(
        client.GET('/api/v1/companies/{id}/conversations', {
          params: { ...byId(id), query: { cursor, limit: 25 } },
          signal,
        }),
      ),
  });
}

/** What was changed in a company, newest first. */
export function useEdits(id: string) {
  return useList<CompanyEdit>({
    of: id,
    key: [...keys.company(id), 'changes'],
    ask: (cursor, signal) =>
      body(
        client.GET('/api/v1/companies/{id}/changes', {
          params: { ...byId(id), query: { cursor, limit: 25 } },
          signal,
        }),
      ),
  });
}

/** Whatever shows companies is asked for again. */
export function refreshCompanies(cache: QueryClient): void {
  void cache.invalidateQueries({ queryKey: keys.companies });
  void cache.invalidateQueries({ queryKey: ['company'] });
}

export function useRefresh(): () => void {
  const cache = useQueryClient();
  return () => refreshCompanies(cache);
}

export const createCompany = (company: CompanyChange) =>
  body(
    client.POST('/api/v1/companies', {
      body: company,
      headers: { 'Idempotency-Key': crypto.randomUUID() },
    }),
  );

export const removeCompany = (id: string) =>
  ending(id, () => body(client.DELETE('/api/v1/companies/{id}', { params: byId(id) })));

export const mergeCompany = (id: string, otherId: string) =>
  ending(otherId, () =>
    body(client.POST('/api/v1/companies/{id}/merge', { params: byId(id), body: { company_id: otherId } })),
  );

/** Saves against the version that was shown. Where somebody else was faster, theirs is fetched and the person decides. */
export function useSaveCompany({ data: { id }, etag }: Answer<Company>) {
  const cache = useQueryClient();
  return async (change: CompanyChange) => {
    try {
      const saved = await versioned(
        client.PATCH('/api/v1/companies/{id}', {
          params: { ...byId(id), header: etag ? { 'If-Match': etag } : {} },
          body: change,
        }),
      );
      cache.setQueryData(keys.company(id), saved);
      void cache.invalidateQueries({ queryKey: keys.companies });
      void cache.invalidateQueries({ queryKey: [...keys.company(id), 'changes'] });
    } catch (error) {
      if (!isStatus(error, 412)) throw error;
      await cache.invalidateQueries({ queryKey: keys.company(id), exact: true });
      throw new Problem(
        412,
        error.code,
        'Somebody changed this company meanwhile. Look at what stands there now, then save again.',
      );
    }
  };
}

const followingKey = ['company-settings'] as const;

/** Whether companies follow from addresses; while that is carried out it is asked for again and again. */
export function useFollowing() {
  return useQuery({
    queryKey: followingKey,
    queryFn: ({ signal }) => body(client.GET('/api/v1/companies/settings', { signal })),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.pass.state === 'working' ? 1500 : false),
  });
}

/** Switches it on or off, and says what becomes of who is there. */
export function useSetFollowing(onDone: () => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (change: Schemas['FollowingChange']) =>
      body(client.PUT('/api/v1/companies/settings', { body: change })),
    onSuccess: (now) => {
      cache.setQueryData(followingKey, now);
      onDone();
    },
  });
}
