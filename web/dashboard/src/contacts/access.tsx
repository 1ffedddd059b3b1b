import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { AccessEvent } from '../api/types';
import { fullTime, longAge } from '../lib/time';
import { Skeleton } from '../ui/bits';

const places: Record<string, string> = {
  contact: 'opened the profile',
  'contact.devices': 'saw the technical data',
  'contacts.list': 'saw the list of contacts',
  'contacts.search': 'found them by search',
  'contact.consents': 'saw the consents',
  'contact.objections': 'saw the objections',
  'contact.restriction': 'saw the restrictions',
  'contact.legal_hold': 'saw the legal holds',
  'contact.changes': 'saw what was corrected',
  'contacts.export': 'took them along in a list',
  conversation: 'opened the conversation',
  conversations: 'saw the list of conversations',
  'conversation.messages': 'read the messages',
  stream: 'followed live',
  webhook: 'told your own system of an event',
  search: 'found them by search',
  access_events: 'saw this list',
};

export interface Look {
  key: string;
  who: string;
  what: string;
  last: string;
  times: number;
}

/** The same look by the same party on the same day is one line with a count, the latest first. */
export function looks(events: AccessEvent[]): Look[] {
  const byKey = new Map<string, Look>();
  for (const e of events) {
    const key = [e.actor.type, e.actor.id, e.through, new Date(e.occurred_at).toDateString()].join(' ');
    const held = byKey.get(key);
    if (held) held.times++;
    else byKey.set(key, { key, who: who(e), what: what(e), last: e.occurred_at, times: 1 });
  }
  return [...byKey.values()];
}

/** The access log of one person: nobody's look goes unrecorded, one's own included. */
export function WhoLooked({ contactId }: { contactId: string }) {
  const log = useInfiniteQuery({
    queryKey: keys.accessEvents(contactId),
    queryFn: ({ pageParam, signal }) => api.accessEvents(contactId, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  });
  if (log.isPending) return <Skeleton className="h-3 w-3/5" />;
  if (log.error) return <p className="text-sm text-ink-faint">{problemText(log.error)}</p>;
  const events = log.data.pages.flatMap((p) => p.data);
  if (!events.length)
    return <p className="text-sm text-ink-faint">Nobody yet. From now on, each look is recorded.</p>;
  return (
    <>
      <ul className="space-y-2 text-sm">
        {looks(events).map((look) => (
          <li key={look.key} className="flex items-baseline justify-between gap-3">
            <span className="min-w-0">
              <span className="font-medium">{look.who}</span>{' '}
              <span className="text-ink-soft">
                {look.what}
                {look.times > 1 && `, ${look.times} times`}
              </span>
            </span>
            <time
              dateTime={look.last}
              title={fullTime(look.last)}
              className="shrink-0 text-xs text-ink-faint"
            >
              {longAge(look.last)}
            </time>
          </li>
        ))}
      </ul>
      {log.hasNextPage && (
        <button
          type="button"
          className="mt-3 text-sm font-medium text-ink-soft underline underline-offset-2"
          onClick={() => void log.fetchNextPage()}
        >
          Earlier looks
        </button>
      )}
    </>
  );
}

function who(e: AccessEvent): string {
  if (e.actor.name) return e.actor.name;
  return { operator: 'A former operator', api_key: 'An API key', contact: 'The person', system: 'Botimum' }[
    e.actor.type
  ];
}

function what(e: AccessEvent): string {
  return places[e.through] ?? e.through.replaceAll(/[._]/g, ' ');
}
