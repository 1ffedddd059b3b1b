import { useQuery } from '@tanstack/react-query';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';
import type { Page } from '../api/types';

type Board = components['schemas']['Board'];

/** All boards, newest first. */
export function useBoards() {
  return useQuery({
    queryKey: keys.boards.list,
    queryFn: async ({ signal }) => {
      const all: Board[] = [];
      let cursor: string | undefined;
      do {
        const page: Page<Board> = await body(
          client.GET('/api/v1/boards', { params: { query: { cursor, limit: 100 } }, signal }),
        );
        all.push(...page.data);
        cursor = page.next_cursor ?? undefined;
      } while (cursor);
      return all;
    },
    staleTime: 30_000,
  });
}
