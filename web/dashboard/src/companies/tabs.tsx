import { Link } from '@tanstack/react-router';
import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { problemText } from '../api/problem';
import type { Contact, Conversation } from '../api/types';
import { useWho } from '../contacts/rights';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { fullTime, longAge, shortAge } from '../lib/time';
import { online } from '../live/state';
import { Avatar, LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { type Company, type CompanyEdit, useEdits, usePeople, useTalk } from './data';
import { shown } from './words';

interface Listing<T> {
  items: T[];
  isPending: boolean;
  error: Error | null;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

interface PagesProps<T> {
  list: Listing<T>;
  label: string;
  none: ReactNode;
  row: (one: T) => ReactNode;
}

/** A list that is read page by page. */
function Pages<T extends { id: string }>({ list, label, none, row }: PagesProps<T>) {
  if (list.error) return <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Skeleton className="h-10" />;
  if (!list.items.length) return <p className="text-sm text-ink-faint">{none}</p>;
  return (
    <>
      <ul aria-label={label} className="-mx-2">
        {list.items.map((one) => (
          <li key={one.id}>{row(one)}</li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          size="sm"
          look="quiet"
          className="mt-2"
          busy={list.isFetchingNextPage}
          onPress={() => void list.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}

/** Who belongs to it. */
export function PeopleTab({ company }: { company: Company }) {
  return (
    <Pages
      list={usePeople(company.id)}
      label="People"
      none="Nobody belongs to it yet. On somebody’s own page you say which company they are with."
      row={(c) => <Person contact={c} />}
    />
  );
}

function Person({ contact: c }: { contact: Contact }) {
  const isOnline = useStore(online, (all) => all.has(c.id));
  const name = displayName(c);
  return (
    <Link
      to="/contacts/$contactId"
      params={{ contactId: c.id }}
      preload={false}
      className="flex items-center gap-3 rounded-md px-2 py-2 hover:bg-hover"
    >
      <Avatar name={name} picture={c.avatar_url} isOnline={isOnline} />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{name}</span>
        <span className="block truncate text-sm text-ink-faint">
          {c.restricted_at ? (
            <span className="inline-flex items-center gap-1 text-time-text">
              <Lock size={12} aria-hidden="true" />
              Restricted
            </span>
          ) : (
            c.email !== name && c.email
          )}
        </span>
      </span>
      {c.last_seen_at && (
        <span className="shrink-0 text-sm text-ink-faint tabular-nums" title={fullTime(c.last_seen_at)}>
          {shortAge(c.last_seen_at)}
        </span>
      )}
    </Link>
  );
}

/** What its people talked about, the liveliest first. */
export function TalkTab({ company }: { company: Company }) {
  return (
    <Pages
      list={useTalk(company.id)}
      label="Conversations"
      none="Nobody of them has written yet."
      row={(c) => <Talk conversation={c} />}
    />
  );
}

function Talk({ conversation: c }: { conversation: Conversation }) {
  return (
    <Link
      to="/inbox/$conversationId"
      params={{ conversationId: c.id }}
      search={{}}
      preload={false}
      className="flex items-center gap-3 rounded-md px-2 py-2 hover:bg-hover"
    >
      <Avatar name={displayName(c.contact)} picture={c.contact.avatar_url} size="sm" />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className="truncate font-medium">{displayName(c.contact)}</span>
          <span className="inline-block shrink-0 text-xs text-ink-faint first-letter:uppercase">
            {c.state}
          </span>
        </span>
        <span className="block truncate text-sm text-ink-soft">
          {c.restricted ? 'Not shown' : c.subject || c.last_message?.preview || 'No messages yet'}
        </span>
      </span>
      <span className="shrink-0 text-sm text-ink-faint tabular-nums" title={fullTime(c.activity_at)}>
        {shortAge(c.activity_at)}
      </span>
    </Link>
  );
}

/** What was changed, by whom, and what stood there before. */
export function HistoryTab({ company }: { company: Company }) {
  const who = useWho();
  return (
    <Pages
      list={useEdits(company.id)}
      label="History"
      none="Nothing was changed yet."
      row={(e) => <Edit edit={e} by={who(e.actor)} />}
    />
  );
}

function Edit({ edit: e, by }: { edit: CompanyEdit; by: string }) {
  return (
    <div className="mx-2 border-b border-line py-2.5 text-sm">
      <p className="flex items-baseline gap-3">
        <span className="min-w-0 flex-1">
          <span className="inline-block font-medium first-letter:uppercase">{e.fields.join(', ')}</span>{' '}
          <span className="text-ink-soft">changed by {by}</span>
        </span>
        <time
          dateTime={e.created_at}
          title={fullTime(e.created_at)}
          className="shrink-0 text-xs text-ink-faint"
        >
          {longAge(e.created_at)}
        </time>
      </p>
      <dl className="mt-0.5 text-ink-soft">
        {Object.entries(e.former).map(([field, value]) => (
          <div key={field} className="flex gap-2">
            <dt className="shrink-0 text-ink-faint first-letter:uppercase">
              {field.replace('attributes.', '').replaceAll('_', ' ')} before:
            </dt>
            <dd className="min-w-0 wrap-anywhere">{value === null ? 'nothing' : shown(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
