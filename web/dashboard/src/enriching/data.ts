import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { body, client, versioned } from '../api/client';
import type { components } from '../api/schema.gen';

type Schemas = components['schemas'];

export type Overview = Schemas['Overview'];
export type OverviewChange = Schemas['SettingsChange'];
export type Preset = Schemas['Preset'];
export type Definition = Schemas['Definition'];
export type NewProvider = Schemas['NewProvider'];
export type ProviderChange = Schemas['ProviderChange'];
export type Tried = Schemas['Tried'];
/** The document cannot say that an object may be null: a provider of a fixed kind has no definition. */
export type Provider = Omit<Schemas['Provider'], 'definition'> & { definition: Definition | null };
export type Standing = Schemas['Standing'];
/** Nor that nobody has approved a draft. */
export type Assessment = Omit<Schemas['Assessment'], 'approved_by'> & {
  approved_by: Schemas['Ref'] | null;
};
export type AssessmentChange = Schemas['AssessmentChange'];

const byId = (id: string) => ({ path: { id } });
const once = () => ({ headers: { 'Idempotency-Key': crypto.randomUUID() } });
const version = (id: string, etag: string | null) => ({
  ...byId(id),
  header: etag ? { 'If-Match': etag } : {},
});

export const names = {
  overview: ['enrichment'] as const,
  providers: ['enrichment', 'providers'] as const,
  presets: ['enrichment-presets'] as const,
  person: (id: string) => ['found', id] as const,
  assessments: ['assessments'] as const,
  assessment: (id: string) => ['assessments', id] as const,
};

export const enrichment = {
  change: (change: OverviewChange) => body(client.PATCH('/api/v1/enrichment', { body: change })),
  forgetAll: () => body(client.DELETE('/api/v1/enrichment')),
  add: (input: NewProvider) => body(client.POST('/api/v1/enrichment/providers', { body: input, ...once() })),
  changeProvider: (id: string, change: ProviderChange) =>
    body(client.PATCH('/api/v1/enrichment/providers/{id}', { params: byId(id), body: change })),
  remove: (id: string) => body(client.DELETE('/api/v1/enrichment/providers/{id}', { params: byId(id) })),
  test: (id: string): Promise<Tried> =>
    body(client.POST('/api/v1/enrichment/providers/{id}/test', { params: byId(id) })),
  lookUp: (id: string): Promise<Standing> =>
    body(client.POST('/api/v1/contacts/{id}/enrich', { params: byId(id) })),
  forget: (id: string) => body(client.DELETE('/api/v1/contacts/{id}/enrichment', { params: byId(id) })),
  removeField: (id: string, field: string) =>
    body(client.DELETE('/api/v1/contacts/{id}/enrichment/{field}', { params: { path: { id, field } } })),
};

export const assessments = {
  one: (id: string, signal?: AbortSignal) =>
    versioned(client.GET('/api/v1/privacy/assessments/{id}', { params: byId(id), signal })) as Promise<{
      data: Assessment;
      etag: string | null;
    }>,
  begin: () =>
    body(client.POST('/api/v1/privacy/assessments', { body: { feature: 'enrichment' }, ...once() })),
  change: (id: string, change: AssessmentChange, etag: string | null) =>
    versioned(client.PATCH('/api/v1/privacy/assessments/{id}', { params: version(id, etag), body: change })),
};

/** How looking up stands; asked again while something is under way. */
export const useOverview = () =>
  useQuery({
    queryKey: names.overview,
    queryFn: ({ signal }) => body(client.GET('/api/v1/enrichment', { signal })),
    staleTime: 0,
    refetchInterval: (q) => (q.state.data && q.state.data.forgetting > 0 ? 2000 : false),
  });

export const useProviders = () =>
  useQuery({
    queryKey: names.providers,
    queryFn: async ({ signal }) => {
      const page = await body(client.GET('/api/v1/enrichment/providers', { signal }));
      return (page.data ?? []) as Provider[];
    },
    staleTime: 0,
  });

export const usePresets = () =>
  useQuery({
    queryKey: names.presets,
    queryFn: async ({ signal }) => {
      const page = await body(client.GET('/api/v1/enrichment/presets', { signal }));
      return (page.data ?? []) as Preset[];
    },
  });

export const useAssessments = () =>
  useQuery({
    queryKey: names.assessments,
    queryFn: async ({ signal }) => {
      const page = await body(
        client.GET('/api/v1/privacy/assessments', { params: { query: { limit: 50 } }, signal }),
      );
      return (page.data ?? []) as Assessment[];
    },
    staleTime: 0,
  });

export const useStanding = (id: string) =>
  useQuery({
    queryKey: names.person(id),
    queryFn: ({ signal }): Promise<Standing> =>
      body(client.GET('/api/v1/contacts/{id}/enrichment', { params: byId(id), signal })),
    refetchInterval: (q) => (q.state.data?.state === 'waiting' ? 2000 : false),
  });

/** Changes how people are looked up, and asks again how that stands. */
export function useChange<T, R>(call: (input: T) => Promise<R>, done?: (result: R) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: call,
    onSuccess: (result) => {
      refresh(client);
      done?.(result);
    },
  });
}

const refresh = (client: QueryClient) => void client.invalidateQueries({ queryKey: names.overview });
