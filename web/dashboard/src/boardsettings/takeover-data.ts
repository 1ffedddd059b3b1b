import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { body, client, csrf } from '../api/client';
import { Problem, readProblem } from '../api/problem';
import type { components } from '../api/schema.gen';

export type BoardImport = components['schemas']['BoardImport'];

const byId = (id: string) => ({ path: { id } });
const listKey = (boardId: string) => ['boards', 'imports', boardId];

/** Whether something is being done, so that it is worth looking again. */
export const isWorking = ({ state }: Pick<BoardImport, 'state'>): boolean =>
  state === 'running' || state === 'undoing';

/** What was taken over into a board, newest first. While something runs it is looked at again. */
export function useTakeovers(boardId: string) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: listKey(boardId),
    queryFn: async ({ signal }) => {
      const page = await body(
        client.GET('/api/v1/boards/{id}/imports', {
          params: { ...byId(boardId), query: { limit: 20 } },
          signal,
        }),
      );
      const before = queries.getQueryData<BoardImport[]>(listKey(boardId));
      if (before?.some(isWorking) && !page.data.some(isWorking)) {
        // What came or went is read anew.
        for (const part of ['posts', 'counts', 'list', 'pending']) {
          void queries.invalidateQueries({ queryKey: ['boards', part] });
        }
      }
      return page.data;
    },
    refetchInterval: (q) => (q.state.data?.some(isWorking) ? 1000 : false),
    staleTime: 0,
  });
}

export function useUndoTakeover(boardId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => body(client.POST('/api/v1/board-imports/{id}/undo', { params: byId(id) })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: listKey(boardId) }),
  });
}

/** Sends the file of another board, telling how much of it has gone (0 to 1). */
export function sendBoard(
  boardId: string,
  file: File,
  basis: { purpose: string; lawfulBasis: string },
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<BoardImport> {
  return new Promise((resolve, reject) => {
    const ask = new XMLHttpRequest();
    const query = new URLSearchParams({ purpose: basis.purpose, lawful_basis: basis.lawfulBasis });
    ask.open('POST', `/api/v1/boards/${boardId}/imports?${query}`);
    ask.setRequestHeader('X-CSRF-Token', csrf());
    ask.upload.onprogress = (e) => e.lengthComputable && onProgress(e.loaded / e.total);
    ask.onerror = () =>
      reject(
        new Problem(
          0,
          'unreachable',
          'The connection broke off. Nothing was taken over; send the file again.',
        ),
      );
    ask.onabort = () => reject(new DOMException('', 'AbortError'));
    ask.onload = () => {
      if (ask.status === 202) resolve(JSON.parse(ask.responseText) as BoardImport);
      else void readProblem(new Response(ask.responseText, { status: ask.status })).then(reject);
    };
    signal.addEventListener('abort', () => ask.abort());
    ask.send(file);
  });
}
