import type { NewBlock } from '../api/types';

export type Reason = NewBlock['reason'];

/** Why somebody is kept out, in words. */
export const reasons: Record<Reason, string> = {
  spam: 'Spam',
  abuse: 'Abuse',
  fraud: 'Fraud',
  other: 'Another reason',
};

export const spans = [
  { id: '', label: 'Until it is lifted' },
  { id: '1', label: 'For a day' },
  { id: '7', label: 'For a week' },
  { id: '30', label: 'For 30 days' },
  { id: '365', label: 'For a year' },
] as const;

/** When a block of so many days ends; nothing for one that has no end. */
export function endOf(days: string, now = Date.now()): { until?: string } {
  return days ? { until: new Date(now + Number(days) * 86_400_000).toISOString() } : {};
}
