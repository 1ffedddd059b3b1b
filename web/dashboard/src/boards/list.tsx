import { Link, useNavigate } from '@tanstack/react-router';
import { Archive, Lightbulb, Plus } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { useBoards } from './all';
import { CreateBoard } from './create';
import { type Board, useCounts } from './data';
import { Dot, VisibilityBadge } from './parts';
import { count } from './words';

/** All boards, with how much is on each. */
export function BoardsPage() {
  useTitle('Boards');
  const mayWrite = useCan(may.writeBoards);
  const navigate = useNavigate();
  const list = useBoards();
  const [isCreating, setCreating] = useState(false);
  const addOne = mayWrite && (
    <Button icon={<Plus size={15} aria-hidden="true" />} onPress={() => setCreating(true)}>
      New board
    </Button>
  );
  const kept = list.data?.filter((b) => !b.archived_at) ?? [];
  const archived = list.data?.filter((b) => b.archived_at) ?? [];
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-4xl px-4 py-5 md:px-8">
        <header className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <div>
            <h1 className="text-lg font-semibold">Boards</h1>
            <p className="mt-0.5 text-sm text-ink-soft">Where people say what they wish for, and vote.</p>
          </div>
          {list.data?.length ? addOne : null}
        </header>
        {list.error ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : !list.data ? (
          <BoardSkeletons />
        ) : list.data.length === 0 ? (
          <Empty icon={<Lightbulb size={22} strokeWidth={1.6} />} title="No boards yet" action={addOne}>
            A board collects wishes, counts who wants what, and tells people when their wish comes true. It is
            only your team's until you say otherwise.
          </Empty>
        ) : (
          <>
            <Cards boards={kept} />
            {archived.length > 0 && (
              <section aria-label="Archived boards" className="mt-8">
                <h2 className="mb-3 flex items-center gap-2 text-sm font-semibold text-ink-soft">
                  <Archive size={14} aria-hidden="true" />
                  Archived
                </h2>
                <Cards boards={archived} />
              </section>
            )}
          </>
        )}
        {isCreating && (
          <CreateBoard
            onClose={() => setCreating(false)}
            onCreated={(board) => void navigate({ to: '/boards/$boardId', params: { boardId: board.id } })}
          />
        )}
      </div>
    </div>
  );
}

function Cards({ boards }: { boards: Board[] }) {
  return (
    <ul className="grid gap-3 lg:grid-cols-2">
      {boards.map((b) => (
        <li
          key={b.id}
          className="relative overflow-hidden rounded-md border border-line transition-colors hover:border-line-strong hover:bg-hover"
        >
          <span
            className="absolute inset-y-0 left-0 w-1"
            style={{ background: b.color }}
            aria-hidden="true"
          />
          <div className="py-3.5 pr-4 pl-5">
            <div className="flex items-center justify-between gap-3">
              <h2 className="min-w-0 truncate font-medium">
                <Link
                  to="/boards/$boardId"
                  params={{ boardId: b.id }}
                  preload={false}
                  className="after:absolute after:inset-0"
                >
                  <bdi>{b.name}</bdi>
                </Link>
              </h2>
              <VisibilityBadge board={b} />
            </div>
            <CountsOf board={b} />
          </div>
        </li>
      ))}
    </ul>
  );
}

function CountsOf({ board: b }: { board: Board }) {
  const { data, error } = useCounts(b.id);
  if (error) return <p className="mt-1.5 text-sm text-ink-faint">Not counted just now.</p>;
  if (!data) return <Skeleton className="mt-3 h-3 w-40" />;
  const waits = data.pending + data.pending_comments;
  const byKey = new Map(data.statuses.map((s) => [s.status, s.posts]));
  const held = b.statuses.filter((s) => byKey.get(s.key));
  return (
    <>
      <p className="mt-1 text-sm text-ink-soft tabular-nums">
        {count(data.posts, 'post')}, {count(data.votes, 'vote')}
        {waits > 0 && (
          <>
            {' · '}
            <Link
              to="/boards/queue"
              search={{ board: b.id }}
              className="relative z-10 font-medium text-time-text underline-offset-2 hover:underline"
            >
              {waits === 1 ? '1 waits' : `${waits} wait`} for approval
            </Link>
          </>
        )}
      </p>
      <p className="mt-2 flex min-h-4 flex-wrap gap-x-3 gap-y-1 text-xs text-ink-faint">
        {held.map((s) => (
          <span key={s.key} className="inline-flex items-center gap-1.5 tabular-nums">
            <Dot color={s.color} />
            {s.name} {byKey.get(s.key)}
          </span>
        ))}
      </p>
    </>
  );
}

function BoardSkeletons() {
  return (
    <div role="status" aria-label="Loading boards" className="grid gap-3 lg:grid-cols-2">
      {[0, 1].map((i) => (
        <div key={i} className="rounded-md border border-line px-5 py-4">
          <Skeleton className="h-3.5 w-44" />
          <Skeleton className="mt-3 h-3 w-32" />
          <Skeleton className="mt-3 h-3 w-56" />
        </div>
      ))}
    </div>
  );
}
