import {
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';
import type { Contact } from '../api/types';
import { toast, toastProblem } from '../ui/toast';

type Schemas = components['schemas'];
export type Duplicate = Schemas['Duplicate'];
export type Merge = Schemas['Merge'];
export type MergePreview = Schemas['Preview'];
export type MergeField = Schemas['MergeField'];

/** Whose value stays, by field. */
export type Choice = Record<string, 'survivor' | 'other'>;

const duplicatesKey = ['duplicates'] as const;
const mergesKey = (id: string) => ['merges', id] as const;
const once = () => ({ headers: { 'Idempotency-Key': crypto.randomUUID() } });

/** Pairs who may be one person. People are looked through in steps, so a page may be short of pairs and not the last. */
export function useDuplicates() {
  return useInfiniteQuery({
    queryKey: duplicatesKey,
    queryFn: ({ pageParam, signal }) =>
      body(
        client.GET('/api/v1/contacts/duplicates', {
          params: { query: { limit: 25, cursor: pageParam || undefined } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** What a merge would make of two people. Looking changes nothing, but is on record. */
export function useMergePreview(survivorId: string, otherId: string, fields: Choice) {
  return useQuery({
    queryKey: ['merge-preview', survivorId, otherId, fields],
    queryFn: ({ signal }) =>
      body(
        client.POST('/api/v1/contacts/{id}/merge/preview', {
          params: { path: { id: survivorId } },
          body: { contact_id: otherId, fields },
          signal,
        }),
      ),
    placeholderData: (old) => (old?.survivor.id === survivorId ? old : undefined),
    gcTime: 0,
    retry: false,
  });
}

/** Who was merged into a person, newest first. */
export function useMerges(id: string, enabled: boolean) {
  return useQuery({
    queryKey: mergesKey(id),
    queryFn: ({ signal }) =>
      body(
        client.GET('/api/v1/contacts/{id}/merges', {
          params: { path: { id }, query: { limit: 25 } },
          signal,
        }),
      ),
    enabled,
  });
}

function refresh(queries: QueryClient, ...ids: string[]): void {
  for (const id of ids) {
    void queries.invalidateQueries({ queryKey: keys.contact(id) });
    void queries.invalidateQueries({ queryKey: mergesKey(id) });
    void queries.invalidateQueries({ queryKey: keys.consents(id) });
    void queries.invalidateQueries({ queryKey: keys.rights(id) });
  }
  void queries.invalidateQueries({ queryKey: keys.contacts });
  void queries.invalidateQueries({ queryKey: keys.conversations });
  void queries.invalidateQueries({ queryKey: duplicatesKey });
}

export function useUndoMerge() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (merge: Pick<Merge, 'id'>) =>
      body(client.POST('/api/v1/merges/{id}/undo', { params: { path: { id: merge.id } }, ...once() })),
    onSuccess: (merge) => {
      refresh(queries, merge.contact_id, merge.merged_id);
      toast('They are two people again.');
    },
    onError: toastProblem,
  });
}

export function useMerge(onDone: (survivor: Contact) => void) {
  const queries = useQueryClient();
  const undo = useUndoMerge();
  return useMutation({
    mutationFn: (input: { survivorId: string; otherId: string; fields: Choice }) =>
      body(
        client.POST('/api/v1/contacts/{id}/merge', {
          params: { path: { id: input.survivorId }, ...once() },
          body: { contact_id: input.otherId, fields: input.fields },
        }),
      ),
    onSuccess: (merged) => {
      refresh(queries, merged.id, merged.merge.merged_id);
      toast('Merged. They are one person now.', {
        action: { label: 'Undo', run: () => undo.mutate({ id: merged.merge.id }) },
      });
      onDone(merged);
    },
  });
}

export function useDismiss() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (pair: { contact_id: string; other_id: string }) =>
      body(client.POST('/api/v1/contacts/duplicates/dismiss', { body: pair, ...once() })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: duplicatesKey });
      toast('Kept apart. This pair is not shown again.');
    },
    onError: toastProblem,
  });
}

const labels: Record<string, string> = {
  external_id: 'Your id',
  email: 'E-mail',
  name: 'Name',
  first_name: 'First name',
  last_name: 'Last name',
  phone: 'Phone',
  emails: 'More addresses',
  phones: 'More numbers',
  avatar_url: 'Picture',
  locale: 'Language',
  timezone: 'Time zone',
};

/** A field as people call it. */
export function fieldLabel(field: string): string {
  if (field.startsWith('attributes.')) return field.slice('attributes.'.length).replaceAll('_', ' ');
  return labels[field] ?? field.replaceAll('_', ' ');
}

/** A value of a field as text; nothing for none. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
