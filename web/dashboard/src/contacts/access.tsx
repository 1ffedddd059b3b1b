import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { AccessEvent } from '../api/types';
import { fullTime, longAge } from '../lib/time';
import { Skeleton } from '../ui/bits';

const places: Record<string, string> = {
  'contacts.get': 'opened the profile',
  'contacts.list': 'saw the list of contacts',
  'contacts.search': 'found them by search',
  'conversation.messages': 'read the messages',
  'conversations.list': 'saw the list of conversations',
  stream: 'followed live',
  search: 'found them by search',
};

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
        {events.map((e) => (
          <li key={e.id}>
            <p className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 truncate">
                <span className="font-medium">{who(e)}</span> <span className="text-ink-soft">{what(e)}</span>
              </span>
              <time
                dateTime={e.occurred_at}
                title={fullTime(e.occurred_at)}
                className="shrink-0 text-xs text-ink-faint"
              >
                {longAge(e.occurred_at)}
              </time>
            </p>
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
  const text = places[e.through] ?? e.through.replaceAll(/[._]/g, ' ');
  return e.count > 1 ? `${text}, among ${e.count} people` : text;
}
