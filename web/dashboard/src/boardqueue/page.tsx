import { useNavigate, useSearch } from '@tanstack/react-router';
import { Ban, Check, Inbox, X } from 'lucide-react';
import { type RefObject, useRef, useState } from 'react';
import { problemText } from '../api/problem';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { useBoards } from '../boards/all';
import { Empty, Kbd, LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { toast, toastProblem } from '../ui/toast';
import {
  type BulkResult,
  type Decision,
  type PendingItem,
  useDecide,
  usePending,
  usePendingCounts,
} from './data';
import { Deciding } from './deciding';
import { Item } from './item';
import { done } from './words';

const none: ReadonlySet<string> = new Set();

/** All that people wrote and that waits for a decision, oldest first, of one board or of all. */
export function QueuePage() {
  useTitle('To decide');
  const { board } = useSearch({ from: '/shell/boards/queue' });
  return (
    <div className="relative h-full overflow-y-auto">
      <div className="mx-auto max-w-3xl px-4 py-5 md:px-8">
        <Head board={board} />
        <Queue key={board ?? ''} board={board} />
      </div>
    </div>
  );
}

function Head({ board }: { board: string | undefined }) {
  const boards = useBoards().data ?? [];
  const counts = usePendingCounts().data;
  const navigate = useNavigate();
  const waits = new Map(counts?.boards.map((c) => [c.board_id, c.posts + c.comments]));
  return (
    <header className="mb-4 flex flex-wrap items-end justify-between gap-3">
      <div>
        <h1 className="text-lg font-semibold">To decide</h1>
        <p className="mt-0.5 text-sm text-ink-soft">
          What people wrote, and nobody else sees until one of you lets it through.
        </p>
      </div>
      {boards.length > 1 && (
        <label className="flex items-center gap-2 text-sm">
          <span className="sr-only">Board</span>
          <select
            value={board ?? ''}
            onChange={(e) =>
              void navigate({ to: '/boards/queue', search: e.target.value ? { board: e.target.value } : {} })
            }
            className="h-8 max-w-60 rounded-md border border-line-field bg-surface px-2 text-sm"
          >
            <option value="">All boards{counts ? ` (${counts.total})` : ''}</option>
            {boards.map((b) => (
              <option key={b.id} value={b.id}>
                {b.name}
                {waits.get(b.id) ? ` (${waits.get(b.id)})` : ''}
              </option>
            ))}
          </select>
        </label>
      )}
    </header>
  );
}

/** What of the answer went through, and why the rest did not. */
function told(results: BulkResult[], decision: Decision): Map<string, string> {
  const failed = new Map(results.filter((r) => !r.done).map((r) => [r.id, r.detail]));
  const n = results.length - failed.size;
  if (n) toast(`${n === 1 ? 'One is' : `${n} are`} ${done[decision]}.`);
  if (failed.size) {
    toast(`${failed.size === 1 ? 'One stays' : `${failed.size} stay`} as before. Why stands there.`, {
      tone: 'problem',
    });
  }
  return failed;
}

function Queue({ board }: { board: string | undefined }) {
  const mayWrite = useCan(may.writeBoards);
  const mayReadContacts = useCan(may.readContacts);
  const mayBlock = useCan(may.writeContacts);
  const boards = new Map(useBoards().data?.map((b) => [b.id, b]));
  const list = usePending(board);
  const box = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(none);
  const [asking, setAsking] = useState<{ decision: 'reject' | 'block'; ids: string[] } | null>(null);
  const [gone, setGone] = useState<ReadonlySet<string>>(none);
  const [failures, setFailures] = useState<ReadonlyMap<string, string>>(new Map());
  const items = list.items.filter((i) => !gone.has(i.id));
  const picked = items.filter((i) => chosen.has(i.id));
  const decide = useDecide((results, decision) => {
    const failed = told(results, decision);
    const out = results.filter((r) => r.done).map((r) => r.id);
    refocus(box, items, out);
    setFailures(failed);
    setGone((g) => new Set([...g, ...out]));
    setChosen(none);
    setAsking(null);
  });
  const ask = (decision: Decision, ids: string[]) => {
    if (!ids.length || decide.isPending) return;
    decide.reset();
    if (decision === 'approve') decide.mutate({ ids, decision }, { onError: toastProblem });
    else setAsking({ decision, ids });
  };
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  /** What a key is about: those that are chosen, else the one with the focus. */
  const meant = (): string[] => {
    if (picked.length) return picked.map((i) => i.id);
    const id = focused(box);
    return items.some((i) => i.id === id && !i.restricted) && id ? [id] : [];
  };
  const isFree = mayWrite && asking === null;
  useCommand('post-approve', () => ask('approve', meant()), isFree);
  useCommand('queue-reject', () => ask('reject', meant()), isFree);
  useCommand('queue-block', () => ask('block', meant()), isFree && mayBlock);
  useCommand(
    'post-select',
    () => {
      const id = focused(box);
      if (id) toggle(id);
    },
    isFree,
  );
  useCommand('back', () => setChosen(none), chosen.size > 0);
  useWalk(box);

  if (list.isPending) return <Loading />;
  if (list.error && !items.length)
    return <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />;
  return (
    <div ref={box}>
      {items.length === 0 && !list.hasNextPage ? (
        <Empty icon={<Inbox size={22} strokeWidth={1.6} />} title="Nothing waits">
          Everything that people sent in is decided. What a board has wait is up to its settings, under
          Moderation.
        </Empty>
      ) : (
        <>
          {mayWrite && <Keys />}
          <ul className="space-y-3">
            {items.map((item) => (
              <li key={item.id}>
                <Item
                  item={item}
                  board={boards.get(item.board_id)}
                  isChosen={chosen.has(item.id)}
                  onChoose={mayWrite ? () => toggle(item.id) : undefined}
                  onDecide={(decision) => ask(decision, [item.id])}
                  mayBlock={mayBlock}
                  mayReadContacts={mayReadContacts}
                  failure={failures.get(item.id)}
                />
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
      )}
      {picked.length > 0 && (
        <section
          aria-label="With the chosen ones"
          className="sticky bottom-3 z-10 mt-4 flex flex-wrap items-center gap-1.5 rounded-md border border-line-strong bg-raised px-3 py-2 shadow-float"
        >
          <span role="status" className="mr-auto text-sm font-medium tabular-nums">
            {picked.length} chosen
          </span>
          <Button size="sm" look="quiet" onPress={() => setChosen(none)}>
            Leave them
          </Button>
          {mayBlock && (
            <Button size="sm" icon={<Ban size={14} />} onPress={() => ask('block', meant())}>
              Block
            </Button>
          )}
          <Button size="sm" icon={<X size={14} />} onPress={() => ask('reject', meant())}>
            Reject
          </Button>
          <Button
            size="sm"
            look="primary"
            icon={<Check size={14} />}
            busy={decide.isPending}
            onPress={() => ask('approve', meant())}
          >
            Approve
          </Button>
        </section>
      )}
      {asking && (
        <Deciding
          decision={asking.decision}
          n={asking.ids.length}
          isBusy={decide.isPending}
          error={decide.error}
          onClose={() => setAsking(null)}
          onDecide={(reason) =>
            decide.mutate({ ids: asking.ids, decision: asking.decision, ...(reason && { reason }) })
          }
        />
      )}
    </div>
  );
}

/** The keys, where there is a keyboard to speak of. */
function Keys() {
  return (
    <p className="mb-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-faint max-md:hidden">
      {[
        ['J', 'K', 'move'],
        ['A', 'approve'],
        ['R', 'reject'],
        ['B', 'block'],
        ['X', 'choose'],
      ].map((one) => (
        <span key={one.join()} className="flex items-center gap-1.5">
          {one.slice(0, -1).map((k) => (
            <Kbd key={k}>{k}</Kbd>
          ))}{' '}
          {one.at(-1)}
        </span>
      ))}
    </p>
  );
}

type Box = RefObject<HTMLDivElement | null>;

const all = (box: Box) => [...(box.current?.querySelectorAll<HTMLElement>('[data-item]') ?? [])];

const focused = (box: Box): string | undefined =>
  box.current?.contains(document.activeElement)
    ? document.activeElement?.closest<HTMLElement>('[data-item]')?.dataset['item']
    : undefined;

/** j and k go through what waits. */
function useWalk(box: Box): void {
  const step = (by: 1 | -1) => {
    const cards = all(box);
    const at = cards.findIndex((c) => c.contains(document.activeElement));
    cards[Math.max(0, Math.min(cards.length - 1, at + by))]?.focus();
  };
  useCommand('next', () => step(1));
  useCommand('previous', () => step(-1));
}

/** After a decision the focus is on what comes next. */
function refocus(box: Box, items: PendingItem[], out: string[]): void {
  const first = items.findIndex((i) => out.includes(i.id));
  const next =
    items.slice(first + 1).find((i) => !out.includes(i.id)) ??
    items.slice(0, Math.max(0, first)).findLast((i) => !out.includes(i.id));
  if (next)
    setTimeout(() => box.current?.querySelector<HTMLElement>(`[data-item="${next.id}"]`)?.focus(), 60);
}

function Loading() {
  return (
    <div role="status" aria-label="Loading what waits" className="space-y-3">
      {[0, 1, 2].map((i) => (
        <div key={i} className="rounded-md border border-line px-4 py-4">
          <Skeleton className="h-3 w-32" />
          <Skeleton className="mt-3 h-4 w-72" />
          <Skeleton className="mt-3 h-3 w-full" />
        </div>
      ))}
    </div>
  );
}
