import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import type { Filter, SegmentField } from '../api/types';
import { useSettled } from '../lib/hooks';

/** What conditions can be about, by key. */
export function useFields() {
  const query = useQuery({
    queryKey: keys.segmentFields,
    queryFn: ({ signal }) => api.segmentFields(signal),
    staleTime: 30_000,
  });
  const list = query.data?.data;
  const fields = useMemo(() => new Map((list ?? []).map((f): [string, SegmentField] => [f.key, f])), [list]);
  return { ...query, fields };
}

/** All segments, newest first. */
export function useSegments() {
  return useQuery({ queryKey: keys.segments, queryFn: ({ signal }) => api.segments(signal), staleTime: 0 });
}

/** How many people are in a saved segment, now. */
export function useSegmentCount(id: string, enabled = true) {
  return useQuery({
    queryKey: keys.segmentCount(id),
    queryFn: ({ signal }) => api.countSegment({ segment_id: id }, signal),
    enabled,
    staleTime: 10_000,
  });
}

/** How many people are in a filter that is being written, and some of them, once it has been still for a moment. */
export function usePreview(filter: Filter | undefined) {
  const text = JSON.stringify(filter) ?? '';
  const forCount = useSettled(text, 250);
  const forSample = useSettled(text, 600); // each look at people is on record: not at every key
  const count = useQuery({
    queryKey: keys.segmentCount(forCount),
    queryFn: ({ signal }) => api.countSegment({ filter: JSON.parse(forCount) as Filter }, signal),
    enabled: forCount !== '',
    placeholderData: (old) => old,
    gcTime: 0,
    retry: false,
  });
  const sample = useQuery({
    queryKey: keys.segmentSample(forSample),
    queryFn: ({ signal }) => api.filterContacts(JSON.parse(forSample) as Filter, undefined, signal, 5),
    enabled: forSample !== '',
    placeholderData: (old) => old,
    gcTime: 0,
    retry: false,
  });
  return { count, sample, isBehind: text !== forCount || count.isFetching };
}
