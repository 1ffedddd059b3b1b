import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { body, client, csrf } from '../api/client';
import { keys } from '../api/keys';
import { Problem, readProblem } from '../api/problem';
import type { components } from '../api/schema.gen';

type Schemas = components['schemas'];

export type ImportSettings = Schemas['ImportSettings'];
export type ImportColumn = Schemas['ImportColumn'];
export type ImportTally = Schemas['ImportTally'];
export type UndoTally = Schemas['UndoTally'];
export type RowProblem = Schemas['RowProblem'];
export type PreviewRow = Schemas['PreviewRow'];
export type ImportChange = Schemas['ImportChange'];
/** The document cannot say that an object may be null: before a dry run, or without an undo, there is none. */
export type Import = Omit<Schemas['Import'], 'checked' | 'undone'> & {
  checked: ImportTally | null;
  undone: UndoTally | null;
};
export type ImportPreview = Import & { preview: PreviewRow[] };

const byId = (id: string) => ({ path: { id } });
const once = () => ({ headers: { 'Idempotency-Key': crypto.randomUUID() } });

/** Whether something is being done with an import, so that it is worth looking again. */
export function isActive({ state }: Pick<Import, 'state'>): boolean {
  return state === 'checking' || state === 'queued' || state === 'running' || state === 'undoing';
}

/** All imports, newest first. The stream tells of changes; while one runs it is also asked for. */
export function useImports() {
  return useInfiniteQuery({
    queryKey: keys.imports,
    queryFn: ({ pageParam, signal }) =>
      body(
        client.GET('/api/v1/imports', { params: { query: { cursor: pageParam, limit: 25 } }, signal }),
      ) as Promise<{ data: Import[]; next_cursor: string | null }>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (q) => (q.state.data?.pages.some((p) => p.data.some(isActive)) ? 2000 : false),
    staleTime: 0,
  });
}

/** One import with its first rows. While it works it is looked at again, as the stream may be away. */
export function useImport(id: string) {
  return useQuery({
    queryKey: keys.import(id),
    queryFn: ({ signal }) =>
      body(client.GET('/api/v1/imports/{id}', { params: byId(id), signal })) as Promise<ImportPreview>,
    refetchInterval: (q) => (q.state.data && isActive(q.state.data) ? 1000 : false),
    staleTime: 0,
  });
}

/** The rows with something wrong, in the file's order. */
export function useRowErrors(id: string, version: string) {
  return useInfiniteQuery({
    queryKey: [...keys.import(id), 'errors', version],
    queryFn: ({ pageParam, signal }) =>
      body(
        client.GET('/api/v1/imports/{id}/errors', {
          params: { ...byId(id), query: { cursor: pageParam, limit: 25 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Changes an import's settings; the answer is the import as it is then. */
export function useChange(id: string) {
  const cache = useQueryClient();
  return useMutation({
    scope: { id: `import ${id}` }, // one after the other: each answer shows all of it
    mutationFn: (change: ImportChange) =>
      body(
        client.PATCH('/api/v1/imports/{id}', { params: byId(id), body: change }),
      ) as Promise<ImportPreview>,
    onMutate: ({ targets }) => {
      if (!targets) return;
      cache.setQueryData<ImportPreview>(
        keys.import(id),
        (old) =>
          old && {
            ...old,
            columns: old.columns.map((c, i) => ({
              ...c,
              target: targets[i] ?? '',
              guessed: c.guessed && c.target === targets[i],
            })),
          },
      );
    },
    onSuccess: (now) => cache.setQueryData(keys.import(id), now),
    onError: () => void cache.invalidateQueries({ queryKey: keys.import(id) }),
  });
}

type Act = 'preview' | 'start' | 'cancel' | 'undo';

/** Begins or ends work on an import. */
export function useAct(id: string, act: Act) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () =>
      body(client.POST(`/api/v1/imports/{id}/${act}`, { params: byId(id), ...once() })) as Promise<Import>,
    onSuccess: (now) => {
      cache.setQueryData<ImportPreview>(keys.import(id), (old) => old && { ...old, ...now });
      void cache.invalidateQueries({ queryKey: keys.imports });
    },
  });
}

/** Where the rows with something wrong are to be had as a file. */
export const errorsFile = (id: string) => `/api/v1/imports/${id}/errors.csv`;

/** Sends a file, telling how much of it has gone (0 to 1). */
export function upload(
  file: File,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<ImportPreview> {
  return new Promise((resolve, reject) => {
    const ask = new XMLHttpRequest();
    ask.open('POST', '/api/v1/contacts/import');
    ask.setRequestHeader('X-CSRF-Token', csrf());
    ask.setRequestHeader('Idempotency-Key', crypto.randomUUID());
    ask.upload.onprogress = (e) => e.lengthComputable && onProgress(e.loaded / e.total);
    ask.onerror = () =>
      reject(
        new Problem(0, 'unreachable', 'The connection broke off. Nothing was imported; send the file again.'),
      );
    ask.onabort = () => reject(new DOMException('', 'AbortError'));
    ask.onload = () => {
      if (ask.status === 201) {
        resolve(JSON.parse(ask.responseText) as ImportPreview);
        return;
      }
      void readProblem(new Response(ask.responseText, { status: ask.status })).then(reject);
    };
    signal.addEventListener('abort', () => ask.abort());
    const form = new FormData();
    form.append('file', file);
    ask.send(form);
  });
}
