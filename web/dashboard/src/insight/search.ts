/** How many days back the page looks. */
export const spans = [
  { id: 'month', label: '30 days', days: 30 },
  { id: 'quarter', label: '90 days', days: 90 },
  { id: 'year', label: '12 months', days: 365 },
] as const;
export type Span = (typeof spans)[number]['id'];

export const maxSegments = 6;

/** What the address of the page says. */
export interface InsightSearch {
  span?: Exclude<Span, 'quarter'>;
  /** Ids of segments, apart by commas. */
  segments?: string;
}

/** Reads the address; what is none of ours is left out. */
export function readInsight(search: Record<string, unknown>): InsightSearch {
  const { span, segments } = search;
  const ids =
    typeof segments === 'string' ? segments.split(',').filter((id) => /^seg_[a-z0-9]{1,60}$/.test(id)) : [];
  return {
    ...((span === 'month' || span === 'year') && { span }),
    ...(ids.length > 0 && { segments: [...new Set(ids)].slice(0, maxSegments).join(',') }),
  };
}
