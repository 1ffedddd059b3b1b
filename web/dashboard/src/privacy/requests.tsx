import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, ShieldCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { api, type RequestQuery } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { PrivacyRequest, RequestKind } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { displayName } from '../lib/names';
import { shortAge } from '../lib/time';
import { RowsSkeleton } from '../settings/table';
import { Avatar, Empty, LoadProblem } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField } from '../ui/field';
import { dayOf } from './clock';
import { FileRequest } from './file';
import { TabPage } from './layout';
import { ClockMark, StateMark } from './parts';
import { kindOrder, kinds, sources } from './words';

/** What people ask for, the most urgent first. */
export function RequestsPage() {
  const mayWrite = useCan(may.writePrivacy);
  const [isOpen, setOpen] = useState(true);
  const [kind, setKind] = useState<RequestKind | ''>('');
  const [isFiling, setFiling] = useState(false);
  const query: RequestQuery = {
    ...(isOpen && { open: true, order: 'due' }),
    ...(kind && { kind }),
  };
  return (
    <TabPage
      title="Requests"
      intro="What people ask for under the GDPR, and how long there is to answer. Most requests answer themselves within seconds; what needs a person waits here, the most urgent first."
      action={
        mayWrite && (
          <Button icon={<Plus size={15} />} onPress={() => setFiling(true)}>
            New request
          </Button>
        )
      }
    >
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-3">
        <div className="flex gap-1">
          <Choice isChosen={isOpen} onPress={() => setOpen(true)}>
            Open
          </Choice>
          <Choice isChosen={!isOpen} onPress={() => setOpen(false)}>
            All
          </Choice>
        </div>
        <SelectField
          label="Kind"
          hideLabel
          className="w-48"
          value={kind}
          onChange={(e) => setKind(e.target.value as RequestKind | '')}
        >
          <option value="">Every kind</option>
          {kindOrder.map((k) => (
            <option key={k} value={k}>
              {kinds[k].name}
            </option>
          ))}
        </SelectField>
      </div>
      <Queue query={query} isOpen={isOpen} />
      {isFiling && <FileRequest onClose={() => setFiling(false)} />}
    </TabPage>
  );
}

function Choice(props: { isChosen: boolean; onPress: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={props.isChosen}
      onClick={props.onPress}
      className={`h-8 rounded-sm px-3 text-sm ${props.isChosen ? 'bg-pressed font-medium' : 'text-ink-soft hover:bg-hover'}`}
    >
      {props.children}
    </button>
  );
}

/** Requests page by page. */
export function useRequests(query: RequestQuery) {
  const result = useInfiniteQuery({
    queryKey: keys.requestList(query),
    queryFn: ({ pageParam, signal }) => api.requests(query, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  return { ...result, items: result.data?.pages.flatMap((p) => p.data) };
}

function Queue({ query, isOpen }: { query: RequestQuery; isOpen: boolean }) {
  const list = useRequests(query);
  if (list.error && !list.items) {
    return <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />;
  }
  if (!list.items) return <RowsSkeleton />;
  if (!list.items.length) {
    return (
      <Empty
        icon={<ShieldCheck size={20} />}
        title={isOpen ? 'Nothing waits for an answer' : 'No requests yet'}
      >
        {isOpen
          ? 'When somebody asks for something that the machine may not answer alone, it stands here with its deadline.'
          : 'People ask from your privacy page, from the chat, or through you.'}
      </Empty>
    );
  }
  return (
    <>
      <ul className="divide-y divide-line rounded-md border border-line bg-surface">
        {list.items.map((r) => (
          <li key={r.id}>
            <Row r={r} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <div className="mt-4 text-center">
          <Button busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

function Row({ r }: { r: PrivacyRequest }) {
  const name = r.contact ? displayName(r.contact) : 'Erased person';
  return (
    <Link
      to="/privacy-centre/requests/$requestId"
      params={{ requestId: r.id }}
      className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 px-4 py-3 transition-colors hover:bg-hover md:grid-cols-[auto_minmax(0,1fr)_7.5rem_9.5rem]"
    >
      <Avatar name={name} />
      <span className="min-w-0">
        <span className="block truncate font-medium">{kinds[r.kind].name}</span>
        <span className="block truncate text-sm text-ink-faint">
          {name} · {sources[r.source]} · {shortAge(r.received_at)}
        </span>
      </span>
      <span className="max-md:hidden">
        <StateMark r={r} />
      </span>
      <span className="flex flex-col items-end gap-1 md:items-start">
        <ClockMark r={r} />
        <span className="text-xs text-ink-faint md:pl-6">
          {r.closed_at ? dayOf(r.closed_at) : `due ${dayOf(r.due_at)}`}
        </span>
      </span>
    </Link>
  );
}
