import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import type { components } from '../api/schema.gen';

type Schemas = components['schemas'];
export type Insight = Schemas['BoardInsight'];
export type InsightPost = Schemas['InsightPost'];
export type Split = Schemas['SplitInsight'];
export type TrendPoint = Schemas['TrendPoint'];

export function useInsight(boardId: string, segments: string[], days: number) {
  return useQuery({
    queryKey: keys.boards.insight(boardId, { segments, days }),
    queryFn: ({ signal }) =>
      body(
        client.GET('/api/v1/boards/{id}/insight', {
          params: { path: { id: boardId }, query: { days, ...(segments.length > 0 && { segments }) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function useTrend(boardId: string, days: number) {
  const from = new Date(Date.now() - (days - 1) * 86_400_000).toISOString().slice(0, 10);
  return useQuery({
    queryKey: keys.boards.insight(boardId, { from }),
    queryFn: ({ signal }) =>
      body(
        client.GET('/api/v1/boards/{id}/insight/trend', {
          params: { path: { id: boardId }, query: { from } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
