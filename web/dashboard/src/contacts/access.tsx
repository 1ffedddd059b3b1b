import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { AccessEvent } from '../api/types';
import { fullTime, longAge } from '../lib/time';
import { Skeleton } from '../ui/bits';

const places: Record<string, string> = {
  contact: 'opened the profile',
  'contact.avatar': 'saw the picture',
  'contact.timeline': 'saw the timeline',
  'contact.notes': 'read the notes',
  'contact.enrichment': 'saw what public sources say',
  'contact.merges': 'saw the merges',
  'contact.merge_preview': 'tried a merge',
  'contact.export': 'took out all that is held',
  'contacts.duplicates': 'saw the duplicates',
  privacy_requests: 'saw the privacy requests',
  parental_consents: 'saw the parents’ consents',
  import: 'brought them in by an import',
  board: 'saw them on a board',
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
  /** What was looked at, in words: the latest first, each once. */
  what: string[];
  /** The device and network, in words; empty where that is not known or no longer kept. */
  where: string;
  last: string;
}

/** Looks by the same party from the same place on the same day are one entry, the latest first. */
export function looks(events: AccessEvent[]): Look[] {
  const byKey = new Map<string, Look & { times: Map<string, number> }>();
  for (const e of events) {
    const key = [e.actor.type, e.actor.id, where(e), new Date(e.occurred_at).toDateString()].join(' ');
    const held = byKey.get(key) ?? {
      key,
      who: who(e),
      what: [],
      where: where(e),
      last: e.occurred_at,
      times: new Map(),
    };
    byKey.set(key, held);
    held.times.set(what(e), (held.times.get(what(e)) ?? 0) + 1);
  }
  return [...byKey.values()].map(({ times, ...look }) => ({
    ...look,
    what: [...times].map(([words, n]) => (n > 1 ? `${words}, ${n} times` : words)),
  }));
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
      <ul className="divide-y divide-line text-sm">
        {looks(events).map((look) => (
          <li key={look.key} className="py-3 first:pt-0">
            <p className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 font-medium">{look.who}</span>
              <time
                dateTime={look.last}
                title={fullTime(look.last)}
                className="shrink-0 text-xs text-ink-faint"
              >
                {longAge(look.last)}
              </time>
            </p>
            {look.where && <p className="text-xs text-ink-faint wrap-anywhere">{look.where}</p>}
            <p className="mt-1 text-ink-soft">{sentence(look.what)}</p>
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
  if (e.actor.name) return e.actor.type === 'api_key' ? `API key “${e.actor.name}”` : e.actor.name;
  return { operator: 'A former operator', api_key: 'An API key', contact: 'The person', system: 'Botimum' }[
    e.actor.type
  ];
}

function what(e: AccessEvent): string {
  return places[e.through] ?? e.through.replaceAll(/[._]/g, ' ');
}

function where(e: AccessEvent): string {
  if (!e.from) return '';
  const { browser, system, network } = e.from;
  const device = [browser, system].filter(Boolean).join(' on ');
  return [device, network && `from ${network}`].filter(Boolean).join(', ');
}

/** Several acts as one sentence: "opened the profile; read the notes, 3 times". */
function sentence(what: string[]): string {
  const all = what.join('; ');
  return all.charAt(0).toUpperCase() + all.slice(1);
}
