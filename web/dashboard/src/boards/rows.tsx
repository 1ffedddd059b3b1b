import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronUp, Hourglass, MessageSquare } from 'lucide-react';
import { type RefObject, useEffect, useRef } from 'react';
import { useCommand } from '../app/commands';
import { useOperators } from '../inbox/data';
import { useMinute } from '../lib/hooks';
import { shortAge } from '../lib/time';
import type { Board, Post } from './data';
import { authorName, StatusName } from './parts';
import { weighs, weightText } from './words';

const rowHeight = 80;

interface Props {
  items: Post[];
  board: Board;
  hasMore: boolean;
  onEnd: () => void;
  /** The posts that something is to be done with; undefined where the operator may do nothing. */
  chosen: ReadonlySet<string> | undefined;
  onChoose: (ids: ReadonlySet<string>) => void;
}

/** The posts of a list, virtualised. */
export function Rows({ items, board, hasMore, onEnd, chosen, onChoose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const now = useMinute();
  const operators = useOperators();
  const { postId } = useParams({ strict: false });
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    getItemKey: (i) => items[i]?.id ?? i,
  });
  const shown = virtual.getVirtualItems();
  const reachedEnd = hasMore && (shown.at(-1)?.index ?? 0) >= items.length - 5;
  useEffect(() => {
    if (reachedEnd) onEnd();
  }, [reachedEnd, onEnd]);
  useWalk(items, board.id, postId, box, (i) => virtual.scrollToIndex(i, { align: 'auto' }));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  useCommand(
    'post-select',
    () => {
      const id = focusedRow() ?? postId;
      if (id && items.some((p) => p.id === id)) toggle(id);
    },
    chosen !== undefined,
  );
  return (
    <div ref={box} className="h-full overflow-y-auto py-1 [overflow-anchor:none]">
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {shown.map((v) => {
          const p = items[v.index];
          return (
            p && (
              <li
                key={v.key}
                aria-setsize={hasMore ? -1 : items.length}
                aria-posinset={v.index + 1}
                className="group absolute inset-x-0 top-0 flex"
                style={{ height: v.size, transform: `translateY(${v.start}px)` }}
              >
                <Row
                  post={p}
                  board={board}
                  now={now}
                  isOpen={p.id === postId}
                  owner={operators.find((o) => o.id === p.owner_id)?.name}
                />
                {chosen && (
                  <input
                    type="checkbox"
                    aria-label={`Choose ${p.title}`}
                    checked={chosen.has(p.id)}
                    onChange={() => toggle(p.id)}
                    className={`absolute top-3 right-4 size-4 accent-accent group-hover:opacity-100 focus-visible:opacity-100 max-md:opacity-100 ${chosen.size ? '' : 'opacity-0'}`}
                  />
                )}
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

const focusedRow = () => (document.activeElement as HTMLElement | null)?.dataset['row'];

interface RowProps {
  post: Post;
  board: Board;
  now: Date;
  isOpen: boolean;
  owner: string | undefined;
}

function Row({ post: p, board, now, isOpen, owner }: RowProps) {
  const isPending = p.state === 'pending';
  return (
    <Link
      to="/boards/$boardId/posts/$postId"
      params={{ boardId: board.id, postId: p.id }}
      search={(old) => old}
      preload={false}
      data-row={p.id}
      aria-current={isOpen ? 'true' : undefined}
      className={`mx-2 flex h-19 min-w-0 flex-1 gap-3 rounded-md px-2 py-2.5 transition-colors -outline-offset-2! ${isOpen ? 'bg-pressed' : 'hover:bg-hover'}`}
    >
      <VoteBox votes={p.votes} />
      <span className="min-w-0 flex-1">
        <span className="line-clamp-1 pr-7 font-medium">
          {p.restricted ? 'Veiled: its author is restricted' : p.title}
        </span>
        <span className="mt-0.5 flex items-center gap-2 text-xs text-ink-soft">
          {isPending ? (
            <span className="inline-flex items-center gap-1 font-medium text-time-text">
              <Hourglass size={11} aria-hidden="true" />
              Waits for approval
            </span>
          ) : (
            <StatusName status={board.statuses.find((s) => s.key === p.status)} fallback={p.status} />
          )}
          {p.category && <span className="truncate text-ink-faint">{p.category}</span>}
        </span>
        <span className="mt-0.5 flex items-center gap-2 text-xs text-ink-faint">
          <span className="truncate">{authorName(p.author)}</span>
          <time dateTime={p.created_at} className="shrink-0 tabular-nums">
            {shortAge(p.created_at, now)}
          </time>
          {p.comments > 0 && (
            <span className="inline-flex shrink-0 items-center gap-1 tabular-nums">
              <MessageSquare size={11} aria-hidden="true" />
              {p.comments}
              <span className="sr-only"> comments</span>
            </span>
          )}
          {weighs(board) && p.weight !== null && (
            <span className="shrink-0 tabular-nums" title="What its votes weigh">
              weight {weightText(p.weight)}
            </span>
          )}
          {owner && <span className="ml-auto truncate pl-2">{owner}</span>}
        </span>
      </span>
    </Link>
  );
}

/** How many people want it. */
export function VoteBox({ votes }: { votes: number }) {
  return (
    <span className="flex h-12 w-11 shrink-0 flex-col items-center justify-center rounded-md border border-line bg-surface text-sm leading-4 font-semibold tabular-nums">
      <ChevronUp size={14} aria-hidden="true" className="text-ink-faint" />
      {votes > 9999 ? `${Math.floor(votes / 1000)}k` : votes}
      <span className="sr-only"> {votes === 1 ? 'vote' : 'votes'}</span>
    </span>
  );
}

/** j and k: with a post open they open its neighbour; without, they move the focus, and Enter opens. */
function useWalk(
  items: Post[],
  boardId: string,
  openId: string | undefined,
  box: RefObject<HTMLDivElement | null>,
  reveal: (index: number) => void,
): void {
  const navigate = useNavigate();
  const lastAt = useRef(-1);
  const openAt = items.findIndex((p) => p.id === openId);
  if (openAt >= 0) lastAt.current = openAt;
  const walk = (step: 1 | -1) => {
    const from = openId
      ? openAt >= 0
        ? openAt
        : lastAt.current - (step > 0 ? 1 : 0) // what was open has left the list
      : items.findIndex((p) => p.id === focusedRow());
    const to = Math.max(0, Math.min(items.length - 1, from + step));
    const target = items[to];
    if (!target) return;
    reveal(to);
    if (openId) {
      void navigate({
        to: '/boards/$boardId/posts/$postId',
        params: { boardId, postId: target.id },
        search: (old) => old,
      });
      return;
    }
    const row = () => box.current?.querySelector<HTMLElement>(`[data-row="${target.id}"]`);
    if (row()) row()?.focus();
    else requestAnimationFrame(() => row()?.focus()); // it is drawn once it is scrolled to
  };
  useCommand('next', () => walk(1));
  useCommand('previous', () => walk(-1));
}
