import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Answer, body, client, versioned } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';
import type { Board, BoardChange } from '../boards/data';
import { toastProblem } from '../ui/toast';

type Schemas = components['schemas'];
export type BoardPreview = Schemas['BoardPreview'];
export type DomainState = Schemas['DomainState'];
export type PreviewPage = 'posts' | 'post' | 'roadmap' | 'changelog' | 'sign_in';

const byId = (id: string) => ({ path: { id } });

/** Puts a board as it is now wherever it is on screen. */
function usePut() {
  const queries = useQueryClient();
  return (answer: Answer<Board>) => {
    queries.setQueryData(keys.boards.one(answer.data.id), answer);
    void queries.invalidateQueries({ queryKey: keys.boards.list, exact: true });
    void queries.invalidateQueries({ queryKey: keys.boards.allCounts });
  };
}

/** Changes a board, if it is still the version that the form shows. */
export function usePatchBoard(id: string) {
  const put = usePut();
  return useMutation({
    mutationFn: ({ change, etag }: { change: BoardChange; etag: string | null }) =>
      versioned(
        client.PATCH('/api/v1/boards/{id}', {
          params: { ...byId(id), header: etag ? { 'If-Match': etag } : {} },
          body: change,
        }),
      ),
    onSuccess: put,
  });
}

/** A board as it is on the server this moment. */
export const fetchBoard = (id: string): Promise<Answer<Board>> =>
  versioned(client.GET('/api/v1/boards/{id}', { params: byId(id) }));

/** Gives a board a picture, or takes it away with null. */
export function useLogo(id: string, onDone: (answer: Answer<Board>) => void) {
  const put = usePut();
  return useMutation({
    mutationFn: (file: File | null) =>
      file
        ? versioned(
            client.PUT('/api/v1/boards/{id}/logo', {
              params: byId(id),
              body: '',
              bodySerializer: () => file,
              headers: { 'Content-Type': 'application/octet-stream' },
            }),
          )
        : versioned(client.DELETE('/api/v1/boards/{id}/logo', { params: byId(id) })),
    onSuccess: (answer) => {
      put(answer);
      onDone(answer);
    },
    onError: toastProblem,
  });
}

/** One of the board's pages with the changes of a draft. The last one that could be made stays while a field is wrong. */
export function usePreview(id: string, page: PreviewPage, change: string, version: string | null) {
  return useQuery({
    queryKey: ['boards', 'preview', id, page, change, version],
    queryFn: ({ signal }) =>
      body(
        client.POST('/api/v1/boards/{id}/preview', {
          params: byId(id),
          body: { page, board: JSON.parse(change) as BoardChange },
          signal,
        }),
      ),
    placeholderData: (old) => old,
    retry: false,
    gcTime: 30_000,
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });
}

/** Whether people reach the board under its own domain. */
export function useDomainState(id: string, domain: string | null, isEnabled: boolean) {
  return useQuery({
    queryKey: ['boards', 'domain', id, domain],
    queryFn: ({ signal }) =>
      body(client.POST('/api/v1/boards/{id}/domain-check', { params: byId(id), signal })),
    enabled: isEnabled && domain !== null,
    staleTime: 60_000,
    retry: false,
    refetchOnWindowFocus: false,
  });
}
