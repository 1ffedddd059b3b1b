import { Link } from '@tanstack/react-router';
import { GripVertical, Map as MapIcon } from 'lucide-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { problemText } from '../api/problem';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { Menu } from '../ui/menu';
import { type Board, type Post, type Status, useCounts, usePatchPost, usePosts } from './data';
import { type Drag, useDrag } from './drag';
import { useThisBoard } from './layout';
import { Dot } from './parts';
import { VoteBox } from './rows';
import { dayText } from './words';

/** Until then the column has been asked for anew, and holds the card itself. */
const settled = 2000;

interface Moving {
  post: Post;
  from: string;
}

/** The board's statuses side by side. Cards go from one to the other by mouse, finger or key. */
export function RoadmapPage() {
  const board = useThisBoard();
  const counts = useCounts(board.id);
  const mayWrite = useCan(may.writeBoards) && !board.archived_at;
  const patch = usePatchPost();
  const [said, setSaid] = useState('');
  const [moved, setMoved] = useState<Record<string, Post>>({});
  const box = useRef<HTMLDivElement>(null);
  const move = ({ post }: Moving, to: string) => {
    const status = board.statuses.find((s) => s.key === to);
    if (!status || post.status === to) return;
    const settle = () => setMoved(({ [post.id]: _, ...rest }) => rest);
    setMoved((all) => ({ ...all, [post.id]: { ...post, status: to } }));
    patch.mutate(
      { post, change: { status: to } },
      { onError: settle, onSuccess: () => setTimeout(settle, settled) },
    );
    setSaid(`${post.title} is now at ${status.name}.`);
    refocus(box.current, post.id);
  };
  const place = (post: Post, after: string, said: string) => {
    patch.mutate({ post, change: { after_id: after } });
    setSaid(said);
  };
  const drag = useDrag<Moving>(move);
  useWalk(box);
  if (counts.data?.posts === 0) {
    return (
      <Empty icon={<MapIcon size={22} strokeWidth={1.6} />} title="No posts yet">
        Published posts stand here by their status.
      </Empty>
    );
  }
  return (
    <section
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      aria-label="Roadmap"
      className="h-full overflow-x-auto overflow-y-hidden -outline-offset-2!"
    >
      <div className="flex h-full w-max min-w-full gap-3 p-3 md:p-4">
        {board.statuses.map((s, at) => (
          <Column
            key={s.key}
            board={board}
            status={s}
            at={at}
            total={counts.data?.statuses.find((c) => c.status === s.key)?.posts}
            moved={moved}
            drag={mayWrite ? drag : undefined}
            onMove={move}
            onPlace={place}
          />
        ))}
      </div>
      <p role="status" className="sr-only">
        {said}
      </p>
      {drag.held && <Ghost post={drag.held.post} drag={drag} />}
    </section>
  );
}

/** After a card went to another column the focus is on it there. */
function refocus(box: HTMLElement | null, id: string): void {
  if (!box?.contains(document.activeElement)) return;
  setTimeout(() => box.querySelector<HTMLElement>(`[data-card="${id}"]`)?.focus(), 60);
}

interface ColumnProps {
  board: Board;
  status: Status;
  at: number;
  total: number | undefined;
  /** Cards on their way: where they were put, before the server's lists say so. */
  moved: Record<string, Post>;
  drag: Drag<Moving> | undefined;
  onMove: (what: Moving, to: string) => void;
  /** Puts a card below another one of its column; below none is on top. */
  onPlace: (post: Post, after: string, said: string) => void;
}

function Column({ board, status, at, total, moved, drag, onMove, onPlace }: ColumnProps) {
  const list = usePosts(board.id, { status: status.key, state: 'published', sort: 'status' });
  const posts = useMemo(() => placed(list.items, moved, status.key), [list.items, moved, status.key]);
  const isOver = drag?.over === status.key && drag.held?.from !== status.key;
  return (
    <section
      aria-label={status.name}
      data-column={status.key}
      className={`flex h-full w-[78vw] max-w-72 shrink-0 flex-col rounded-md border md:w-52 md:flex-1 ${isOver ? 'border-accent bg-accent-soft' : 'border-line bg-sunken'}`}
    >
      <header className="flex h-10 shrink-0 items-center gap-2 px-3">
        <Dot color={status.color} />
        <h2 className="truncate text-sm font-semibold">{status.name}</h2>
        <span className="ml-auto text-xs text-ink-faint tabular-nums">{total || ''}</span>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {list.isPending ? (
          <Skeleton className="h-20 w-full" />
        ) : list.error ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : (
          <ul className="space-y-2">
            {posts.map((p, i) => (
              <li key={p.id}>
                <Card
                  board={board}
                  post={p}
                  at={at}
                  drag={drag}
                  onMove={onMove}
                  places={placesOf(posts, i, list.hasNextPage, (after, said) => onPlace(p, after, said))}
                />
              </li>
            ))}
          </ul>
        )}
        {!list.isPending && !posts.length && (
          <p className="px-2 py-4 text-center text-xs text-ink-faint">
            {isOver ? 'Drop it here' : 'Nothing here'}
          </p>
        )}
        {list.hasNextPage && (
          <Button
            size="sm"
            look="quiet"
            className="mt-2 w-full"
            busy={list.isFetchingNextPage}
            onPress={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </div>
    </section>
  );
}

/** The cards of a column in the order that operators gave them: those that were just put there, and its own without those that left. */
function placed(items: Post[], moved: Record<string, Post>, key: string): Post[] {
  const here = items.map((p) => moved[p.id] ?? p).filter((p) => p.status === key);
  const held = new Set(here.map((p) => p.id));
  const more = Object.values(moved).filter((p) => p.status === key && !held.has(p.id));
  return [...more, ...here]; // what comes to a status stands on top there
}

interface Place {
  id: 'top' | 'up' | 'down';
  label: string;
  go: () => void;
}

/** Where in its column a card can go. */
function placesOf(
  posts: Post[],
  at: number,
  hasMore: boolean,
  put: (after: string, said: string) => void,
): Place[] {
  const title = posts[at]?.title ?? '';
  const below = posts[at + 1];
  return [
    ...(at > 0
      ? [
          { id: 'top' as const, label: 'To the top', go: () => put('', `${title} is on top.`) },
          {
            id: 'up' as const,
            label: 'One up',
            go: () => put(posts[at - 2]?.id ?? '', `${title} is now ${at} of ${posts.length}.`),
          },
        ]
      : []),
    ...(below && (hasMore || at < posts.length - 1)
      ? [
          {
            id: 'down' as const,
            label: 'One down',
            go: () => put(below.id, `${title} is now ${at + 2} of ${posts.length}.`),
          },
        ]
      : []),
  ];
}

interface CardProps {
  board: Board;
  post: Post;
  at: number;
  drag: Drag<Moving> | undefined;
  onMove: (what: Moving, to: string) => void;
  places: Place[];
}

function Card({ board, post: p, at, drag, onMove, places }: CardProps) {
  const [isOpen, setOpen] = useState(false);
  const what = { post: p, from: p.status };
  const onKey = (event: KeyboardEvent) => {
    if (!drag) return;
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const to = event.shiftKey ? board.statuses[at + step]?.key : undefined;
    if (step && to) {
      event.preventDefault();
      onMove(what, to);
    }
    const place = event.key === 'ArrowUp' ? 'up' : event.key === 'ArrowDown' ? 'down' : '';
    const go = event.shiftKey && places.find((one) => one.id === place)?.go;
    if (go) {
      event.preventDefault();
      go();
    }
    if (event.key.toLowerCase() === 's' && !event.ctrlKey && !event.metaKey && !event.altKey) setOpen(true);
  };
  return (
    <div
      className={`group relative rounded-md border border-line bg-surface transition-colors hover:border-line-strong ${drag?.held?.post.id === p.id ? 'opacity-40' : ''}`}
      {...drag?.source(what, 'mouse')}
    >
      <Link
        to="/boards/$boardId/posts/$postId"
        params={{ boardId: board.id, postId: p.id }}
        search={{}}
        preload={false}
        draggable={false}
        data-card={p.id}
        onKeyDown={onKey}
        className="flex gap-2.5 rounded-md p-2 pr-8"
      >
        <VoteBox votes={p.votes} />
        <span className="min-w-0 flex-1">
          <span className="line-clamp-3 text-sm font-medium">{p.title}</span>
          <span className="mt-0.5 flex flex-wrap gap-x-2 text-xs text-ink-faint">
            {p.category && <span className="truncate">{p.category}</span>}
            {p.estimated_on && <span>{dayText(p.estimated_on)}</span>}
          </span>
        </span>
      </Link>
      {drag && (
        <span className="absolute top-1.5 right-1">
          <Menu
            label={`Move ${p.title}`}
            placement="bottom end"
            isOpen={isOpen}
            onOpenChange={setOpen}
            groups={[
              {
                id: 'to',
                title: 'Move to',
                items: board.statuses.map((s) => ({
                  id: s.key,
                  label: s.name,
                  icon: <Dot color={s.color} />,
                  isChosen: s.key === p.status,
                  onAction: () => onMove(what, s.key),
                })),
              },
              {
                id: 'place',
                title: 'In this column',
                items: places.map((one) => ({ id: one.id, label: one.label, onAction: one.go })),
              },
            ]}
            trigger={
              <AriaButton
                aria-label={`Move ${p.title}`}
                className="flex h-8 w-6 items-center justify-center rounded-sm text-ink-faint data-[hovered]:bg-hover"
              >
                <span
                  {...drag.source(what, 'touch')}
                  className="flex h-8 w-6 touch-none items-center justify-center"
                >
                  <GripVertical size={15} aria-hidden="true" />
                </span>
              </AriaButton>
            }
          />
        </span>
      )}
    </div>
  );
}

/** What is held under the pointer. */
function Ghost({ post, drag }: { post: Post; drag: Drag<Moving> }) {
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none fixed top-0 left-0 z-50 flex w-60 rotate-2 items-center gap-2.5 rounded-md border border-accent bg-raised p-2 shadow-float"
      style={{ transform: `translate(${drag.x - 24}px, ${drag.y - 24}px) rotate(2deg)` }}
    >
      <VoteBox votes={post.votes} />
      <span className="line-clamp-2 text-sm font-medium">{post.title}</span>
    </div>
  );
}

/** j and k go through the cards of a column, the arrows from column to column. */
function useWalk(box: React.RefObject<HTMLElement | null>): void {
  const cards = (of: Element | null | undefined) => [
    ...(of?.querySelectorAll<HTMLElement>('[data-card]') ?? []),
  ];
  const step = (by: 1 | -1) => {
    const column = document.activeElement?.closest('[data-column]');
    const all = cards(column ?? box.current);
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  };
  useCommand('next', () => step(1));
  useCommand('previous', () => step(-1));
}
