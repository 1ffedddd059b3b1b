import type { ConversationQuery } from '../api/endpoints';
import type { ConversationCounts } from '../api/types';

/** The inbox's lists. */
export const views = [
  { id: 'open', label: 'All open', query: { state: 'open' }, count: 'open' },
  {
    id: 'unassigned',
    label: 'Unassigned',
    query: { state: 'open', assignee_id: 'none' },
    count: 'unassigned',
  },
  { id: 'mine', label: 'Mine', query: { state: 'open', assignee_id: 'me' }, count: 'mine' },
  { id: 'pending', label: 'Pending', query: { state: 'pending' }, count: 'pending' },
  { id: 'snoozed', label: 'Snoozed', query: { state: 'snoozed' }, count: 'snoozed' },
  { id: 'resolved', label: 'Resolved', query: { state: 'resolved' }, count: 'resolved' },
] as const satisfies readonly {
  id: string;
  label: string;
  query: ConversationQuery;
  count: keyof ConversationCounts;
}[];

export type View = (typeof views)[number]['id'];

export function isView(value: unknown): value is View {
  return views.some((v) => v.id === value);
}

export function viewById(id: View | undefined) {
  return views.find((v) => v.id === id) ?? views[0];
}
