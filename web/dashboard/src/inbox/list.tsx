import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, CircleCheckBig, Inbox, Search } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { problemText } from '../api/problem';
import type { Conversation, ConversationCounts } from '../api/types';
import { run, useCommand } from '../app/commands';
import { ConnectionStrip } from '../app/connection';
import { keys } from '../app/runtime';
import { useSession } from '../app/session';
import { useMinute } from '../lib/hooks';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { IconButton } from '../ui/button';
import { Menu } from '../ui/menu';
import { useConversations, useOperators } from './data';
import { Row, rowHeight } from './row';
import { type View, viewById, views } from './views';

/** The middle pane: the conversations of one view, virtualised, the liveliest on top. */
export function ConversationList() {
  const { view: viewId } = useSearch({ from: '/shell/inbox' });
  const view = viewById(viewId);
  const list = useConversations(view.query);
  return (
    <section aria-label={view.label} className="flex h-full min-h-0 flex-col">
      <ListHead view={view.id} label={view.label} />
      <ConnectionStrip />
      <div className="min-h-0 flex-1">
        {list.isPending ? (
          <ListSkeleton />
        ) : list.error && !list.items.length ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : list.items.length === 0 ? (
          <NothingHere view={view.id} />
        ) : (
          <Rows
            items={list.items}
            hasMore={list.hasNextPage}
            onEnd={() => {
              if (!list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        )}
      </div>
    </section>
  );
}

function ListHead({ view, label }: { view: View; label: string }) {
  const navigate = useNavigate();
  const counts = useQuery<ConversationCounts>({ queryKey: keys.counts, enabled: false }).data;
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 pr-2 pl-4">
      <h1 className="flex items-center text-md font-semibold">
        <span className="max-lg:hidden">{label}</span>
        <span className="lg:hidden">
          <Menu
            label="Lists"
            groups={[
              {
                id: 'views',
                items: views.map((v) => ({
                  id: v.id,
                  label: v.label,
                  hint: counts?.[v.count] || '',
                  isChosen: v.id === view,
                  onAction: () =>
                    void navigate({ to: '/inbox', search: v.id === 'open' ? {} : { view: v.id } }),
                })),
              },
            ]}
            trigger={
              <AriaButton className="-ml-2 flex h-9 items-center gap-1 rounded-md px-2 data-[hovered]:bg-hover">
                {label}
                <ChevronDown size={16} className="text-ink-faint" aria-hidden="true" />
              </AriaButton>
            }
          />
        </span>
      </h1>
      <span className="ml-auto md:hidden">
        <IconButton label="Search" onPress={() => run('search')}>
          <Search size={18} />
        </IconButton>
      </span>
    </header>
  );
}

interface RowsProps {
  items: Conversation[];
  hasMore: boolean;
  onEnd: () => void;
}

function Rows({ items, hasMore, onEnd }: RowsProps) {
  const { operator: me } = useSession();
  const operators = useOperators();
  const now = useMinute();
  const box = useRef<HTMLDivElement>(null);
  const { conversationId } = useParams({ strict: false });
  const virtual = useVirtualizer({
    count: items.length + (hasMore ? 1 : 0),
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    getItemKey: (i) => items[i]?.id ?? 'more',
  });
  const shown = virtual.getVirtualItems();
  const reachedEnd = hasMore && (shown.at(-1)?.index ?? 0) >= items.length - 5;
  useEffect(() => {
    if (reachedEnd) onEnd();
  }, [reachedEnd, onEnd]);
  useWalk(items, conversationId, box, (i) => virtual.scrollToIndex(i, { align: 'auto' }));

  const nameOf = (id: string | null) => operators.find((o) => o.id === id)?.name ?? (id ? 'Assigned' : null);
  return (
    <div ref={box} className="h-full overflow-y-auto pb-2 [overflow-anchor:none]">
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {shown.map((v) => {
          const c = items[v.index];
          return (
            <li
              key={v.key}
              aria-setsize={hasMore ? -1 : items.length}
              aria-posinset={v.index + 1}
              className="absolute inset-x-0 top-0"
              style={{ height: v.size, transform: `translateY(${v.start}px)` }}
            >
              {c ? (
                <Row
                  conversation={c}
                  isOpen={c.id === conversationId}
                  assignee={nameOf(c.assignee_id)}
                  isMine={c.assignee_id === me.id}
                  now={now}
                />
              ) : (
                <RowSkeleton />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** j and k: with a conversation open they open its neighbour; without, they move the focus, and Enter opens. */
function useWalk(
  items: Conversation[],
  openId: string | undefined,
  box: React.RefObject<HTMLDivElement | null>,
  reveal: (index: number) => void,
): void {
  const navigate = useNavigate();
  const lastAt = useRef(-1);
  const openAt = items.findIndex((c) => c.id === openId);
  if (openAt >= 0) lastAt.current = openAt;
  const walk = (step: 1 | -1) => {
    const focusedId = (document.activeElement as HTMLElement | null)?.dataset['row'];
    const from = openId
      ? openAt >= 0
        ? openAt
        : lastAt.current - (step > 0 ? 1 : 0)
      : items.findIndex((c) => c.id === focusedId);
    const to = Math.max(0, Math.min(items.length - 1, from + step));
    const target = items[to];
    if (!target) return;
    reveal(to);
    if (openId) {
      void navigate({
        to: '/inbox/$conversationId',
        params: { conversationId: target.id },
        search: (old) => old,
      });
      return;
    }
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`[data-row="${target.id}"]`)?.focus(),
    );
  };
  useCommand('next', () => walk(1));
  useCommand('previous', () => walk(-1));
}

function RowSkeleton() {
  return (
    <div className="mx-2 flex h-[72px] gap-3 px-2.5 py-2.5">
      <Skeleton className="size-9 rounded-full!" />
      <div className="flex-1 pt-1">
        <Skeleton className="mb-2 h-3 w-2/5" />
        <Skeleton className="mb-2 h-3 w-4/5" />
        <Skeleton className="h-2.5 w-1/4" />
      </div>
    </div>
  );
}

function ListSkeleton() {
  return (
    <div role="status" aria-label="Loading conversations">
      {[0, 1, 2, 3, 4, 5].map((i) => (
        <div key={i} style={{ height: rowHeight }}>
          <RowSkeleton />
        </div>
      ))}
    </div>
  );
}

/** Whether nobody ever wrote to this workspace. */
export function useIsNew(): boolean {
  const counts = useQuery<ConversationCounts>({ queryKey: keys.counts, enabled: false }).data;
  return counts !== undefined && counts.open + counts.pending + counts.snoozed + counts.resolved === 0;
}

function NothingHere({ view }: { view: View }) {
  if (useIsNew()) {
    return (
      <Empty icon={<Inbox size={22} strokeWidth={1.6} />} title="Nobody has written yet">
        What visitors write appears here at once.{' '}
        <Link
          to="/settings/install"
          className="font-medium text-accent-text underline underline-offset-2 md:hidden"
        >
          Get the line for your website
        </Link>
      </Empty>
    );
  }
  const words: Record<View, [string, string]> = {
    open: ['All answered', 'Nothing is open. New messages appear here by themselves.'],
    unassigned: ['Nobody waits for an owner', 'Every open conversation has somebody.'],
    mine: ['Nothing waits for you', 'Open one and press A to take it.'],
    pending: ['Nothing is pending', 'Conversations that wait for the visitor stand here.'],
    snoozed: ['Nothing is snoozed', 'A snoozed conversation comes back by itself when its time has come.'],
    resolved: [
      'Nothing is resolved yet',
      'Press E in a conversation to resolve it. If the person writes again, it reopens.',
    ],
  };
  return (
    <Empty icon={<CircleCheckBig size={22} strokeWidth={1.6} />} title={words[view][0]}>
      {words[view][1]}
    </Empty>
  );
}
