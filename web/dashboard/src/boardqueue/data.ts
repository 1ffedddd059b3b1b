import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';
import type { Page } from '../api/types';

type Schemas = components['schemas'];
export type PendingItem = Schemas['PendingItem'];
export type Decision = Schemas['Decision']['decision'];
export type BulkResult = Schemas['BulkResult'];

/** How much waits, on all boards and on each. */
export function usePendingCounts(isEnabled = true) {
  return useQuery({
    queryKey: [...keys.boards.pending, 'counts'],
    queryFn: ({ signal }) => body(client.GET('/api/v1/board-pending/counts', { signal })),
    enabled: isEnabled,
    staleTime: 30_000,
  });
}

/** What waits, oldest first: of one board, or of all. */
export function usePending(boardId: string | undefined) {
  const result = useInfiniteQuery({
    queryKey: [...keys.boards.pending, 'list', boardId ?? ''],
    queryFn: ({ pageParam, signal }): Promise<Page<PendingItem>> => {
      const query = { cursor: pageParam, limit: 25 };
      return boardId
        ? body(
            client.GET('/api/v1/boards/{id}/pending', { params: { path: { id: boardId }, query }, signal }),
          )
        : body(client.GET('/api/v1/board-pending', { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  });
  return { ...result, items: useMemo(() => result.data?.pages.flatMap((p) => p.data) ?? [], [result.data]) };
}

/** Decides about several at once; the answer says what became of each. */
export function useDecide(onDone: (results: BulkResult[], decision: Decision) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (d: { ids: string[]; decision: Decision; reason?: string }) => {
      const { results } = await body(
        client.POST('/api/v1/board-pending/bulk', {
          body: d,
          headers: { 'Idempotency-Key': crypto.randomUUID() },
        }),
      );
      return results;
    },
    onSuccess: (results, { decision }) => {
      onDone(results, decision);
      void queries.invalidateQueries({ queryKey: keys.boards.all });
    },
  });
}
