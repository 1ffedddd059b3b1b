import {
  type InfiniteData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { body, client, versioned } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';
import type { Page } from '../api/types';

type Schemas = components['schemas'];
export type Entry = Schemas['Entry'];
export type EntryChange = Schemas['EntryChange'];

const once = () => ({ headers: { 'Idempotency-Key': crypto.randomUUID() } });

/** The entries of a board's changelog, newest first. */
export function useEntries(boardId: string) {
  const result = useInfiniteQuery({
    queryKey: [...keys.boards.changelog, boardId],
    queryFn: ({ pageParam, signal }) =>
      body(
        client.GET('/api/v1/changelog', {
          params: { query: { board_id: boardId, cursor: pageParam, limit: 25 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Entry>) => page.next_cursor ?? undefined,
  });
  const items = useMemo(
    () => (result.data as InfiniteData<Page<Entry>> | undefined)?.pages.flatMap((p) => p.data) ?? [],
    [result.data],
  );
  return { ...result, items };
}

/** An entry as it is now, for the editor: not from memory, and not changed under the writer's hands. */
export function useEntry(id: string | null) {
  return useQuery({
    queryKey: ['changelog-entry', id],
    queryFn: ({ signal }) =>
      versioned(client.GET('/api/v1/changelog/{id}', { params: { path: { id: id ?? '' } }, signal })),
    enabled: id !== null,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** Writes an entry: a new one where there is no id. */
export function useSaveEntry(boardId: string, id: string | null, etag: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ title = '', ...change }: EntryChange) =>
      id
        ? versioned(
            client.PATCH('/api/v1/changelog/{id}', {
              params: { path: { id }, header: etag ? { 'If-Match': etag } : {} },
              body: { title, ...change },
            }),
          )
        : versioned(
            client.POST('/api/v1/changelog', { body: { board_id: boardId, title, ...change }, ...once() }),
          ),
    onSuccess: () => void queries.invalidateQueries({ queryKey: keys.boards.changelog }),
  });
}

export function useRemoveEntry(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(client.DELETE('/api/v1/changelog/{id}', { params: { path: { id } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.boards.changelog });
      onDone();
    },
  });
}
