import type { RetentionResult } from '../api/types';

/** The categories in the words of the screen, in the order in which it shows them. */
export const categoryWords: Record<string, { title: string; keep: string }> = {
  messages: { title: 'Conversations', keep: 'Keep after the last message for' },
  contacts: { title: 'People who no longer come', keep: 'Erase when not seen for' },
  technical: { title: 'Technical traces', keep: 'Keep exact times for' },
  requests: { title: 'Finished requests', keep: 'Keep after they are closed for' },
  activity: { title: 'What people did', keep: 'Keep for' },
  notes: { title: 'Notes about people', keep: 'Keep after the last change for' },
  devices: { title: 'Technical data of browsers', keep: 'Keep for' },
  mails: { title: 'Sent mails', keep: 'Keep for' },
  deliveries: { title: 'Deliveries to webhooks', keep: 'Keep after they are finished for' },
  changes: { title: 'Former values of corrected data', keep: 'Keep for' },
  events: { title: 'List of events', keep: 'Keep for' },
  access_log: { title: 'Who looked at whom', keep: 'Can be listed by person for' },
};

export const titleOf = (category: string): string =>
  categoryWords[category]?.title ?? category.replaceAll('_', ' ');

const nouns: Record<string, [one: string, many: string]> = {
  conversations: ['conversation', 'conversations'],
  messages: ['message', 'messages'],
  contacts: ['person erased', 'people erased'],
  'contacts.last_seen_at': ['last visit made coarse', 'last visits made coarse'],
  'conversations.contact_read_at': ['reading time', 'reading times'],
  privacy_requests: ['request', 'requests'],
  'contact_changes.former_sealed': ['former value', 'former values'],
  contact_events: ['thing done', 'things done'],
  contact_notes: ['note', 'notes'],
  contact_devices: ['browser record', 'browser records'],
  mails: ['mail', 'mails'],
  webhook_deliveries: ['delivery', 'deliveries'],
  events: ['event', 'events'],
  access_subjects: ['entry by person', 'entries by person'],
};

/** Counts in words: "3 conversations, 41 messages"; "nothing" when there is nothing. */
export function countsInWords(counts: Record<string, number>): string {
  const said = Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([what, n]) => {
      const [one, many] = nouns[what] ?? [what.replaceAll('_', ' '), what.replaceAll('_', ' ')];
      return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
    });
  return said.join(', ') || 'nothing';
}

export const isNothing = (results: RetentionResult[]): boolean =>
  results.every((r) => Object.values(r.counts).every((n) => !n));

/** Days as people say them, next to the number: "about 2 years". */
export function aboutDays(days: number): string {
  if (days >= 700) return `about ${Math.round(days / 365)} years`;
  if (days >= 350 && days <= 380) return 'about a year';
  if (days >= 60) return `about ${Math.round(days / 30.4)} months`;
  return '';
}
