import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Snowflake } from 'lucide-react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { displayName } from '../lib/names';
import { fullTime } from '../lib/time';
import { RowsSkeleton } from '../settings/table';
import { Avatar, Empty, LoadProblem } from '../ui/bits';
import { Button } from '../ui/button';
import { dayOf } from './clock';
import { TabPage } from './layout';

/** Everybody whose data is only kept, since when and why. Search does not find them, so that they stand here. */
export function RestrictedPage() {
  const list = useInfiniteQuery({
    queryKey: keys.contactList('', 'restricted'),
    queryFn: ({ pageParam, signal }) => api.contactsIn({ restricted: true }, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  });
  const people = list.data?.pages.flatMap((p) => p.data);
  return (
    <TabPage
      title="Restricted people"
      intro="Their data is kept and nothing else happens to it: no search finds them, and no mail, export or automation touches them. Whoever lifts a restriction says why, and the person is told."
    >
      {list.error && !people ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : !people ? (
        <RowsSkeleton />
      ) : people.length === 0 ? (
        <Empty icon={<Snowflake size={20} />} title="Nobody is restricted">
          People ask for it on your privacy page, from the chat, or through you on their contact page.
        </Empty>
      ) : (
        <ul
          aria-label="Restricted people"
          className="divide-y divide-line rounded-md border border-line bg-surface"
        >
          {people.map((c) => (
            <Row key={c.id} c={c} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <div className="mt-4 text-center">
          <Button busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </TabPage>
  );
}

function Row({ c }: { c: Contact }) {
  const name = displayName(c);
  return (
    <li>
      <Link
        to="/contacts/$contactId"
        params={{ contactId: c.id }}
        className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-3 transition-colors hover:bg-hover"
      >
        <Avatar name={name} />
        <span className="min-w-0">
          <span className="block truncate font-medium">{name}</span>
          <Reason contactId={c.id} />
        </span>
        {c.restricted_at && (
          <span className="text-end text-xs text-ink-faint tabular-nums" title={fullTime(c.restricted_at)}>
            <span className="block">since</span>
            {dayOf(c.restricted_at)}
          </span>
        )}
      </Link>
    </li>
  );
}

/** Why somebody was restricted last; their reasons are sealed with their own key. */
function Reason({ contactId }: { contactId: string }) {
  const state = useQuery({
    queryKey: keys.restriction(contactId),
    queryFn: ({ signal }) => api.restriction(contactId, signal),
  });
  const last = state.data?.history[0];
  const text = state.error
    ? problemText(state.error)
    : !state.data
      ? '…'
      : last?.reason || (last?.actor.type === 'contact' ? 'They asked for it' : 'No reason was given');
  return <span className="block text-sm text-ink-soft wrap-anywhere">{text}</span>;
}
