import { Link, Outlet, useLocation, useParams } from '@tanstack/react-router';
import { ArrowLeft, ExternalLink, Lightbulb } from 'lucide-react';
import { isStatus, problemText } from '../api/problem';
import { useTitle } from '../app/title';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { type Board, useBoard } from './data';
import { Strip, VisibilityBadge } from './parts';

/** The board that the address names; loaded, since the frame around shows nothing before that. */
export function useThisBoard(): Board {
  const { boardId } = useParams({ from: '/shell/boards/$boardId' });
  const board = useBoard(boardId).data?.data;
  if (!board) throw new Error('a part of a board was shown before the board');
  return board;
}

const tabs = [
  { to: '/boards/$boardId', label: 'Posts' },
  { to: '/boards/$boardId/roadmap', label: 'Roadmap' },
  { to: '/boards/$boardId/changelog', label: 'Changelog' },
  { to: '/boards/$boardId/insight', label: 'Insight' },
  { to: '/boards/$boardId/settings', label: 'Settings' },
] as const;

const active = 'border-accent! font-medium text-ink!';

/** A board: its name and places on top, and the place that is open. */
export function BoardLayout() {
  const { boardId } = useParams({ from: '/shell/boards/$boardId' });
  const { postId } = useParams({ strict: false });
  const { pathname } = useLocation();
  const isPosts = pathname === `/boards/${boardId}` || postId !== undefined;
  const board = useBoard(boardId);
  const b = board.data?.data;
  useTitle(b?.name ?? 'Board');
  if (isStatus(board.error, 404)) return <Gone />;
  if (board.error && !b)
    return <LoadProblem text={problemText(board.error)} onRetry={() => void board.refetch()} />;
  return (
    <div className="flex h-full flex-col">
      <header
        className={`flex min-h-14 shrink-0 flex-wrap items-center gap-x-5 border-b border-line pl-3 md:pl-4 ${postId ? 'max-md:hidden' : ''}`}
      >
        <div className="flex h-12 min-w-0 items-center gap-2 pr-4">
          <Link
            to="/boards"
            aria-label="All boards"
            className="flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-hover"
          >
            <ArrowLeft size={17} />
          </Link>
          {b ? (
            <>
              <h1 className="truncate text-md font-semibold">
                <bdi>{b.name}</bdi>
              </h1>
              <VisibilityBadge board={b} />
              {b.visibility !== 'private' && (
                <a
                  href={b.url}
                  target="_blank"
                  rel="noreferrer"
                  aria-label="The page that people see"
                  title="The page that people see"
                  className="flex size-8 shrink-0 items-center justify-center rounded-md text-ink-faint hover:bg-hover hover:text-ink"
                >
                  <ExternalLink size={15} />
                </a>
              )}
            </>
          ) : (
            <Skeleton className="h-4 w-40" />
          )}
        </div>
        <nav aria-label="Board" className="flex self-end overflow-x-auto pr-4 md:ml-auto">
          {tabs.map((t) => (
            <Link
              key={t.to}
              to={t.to}
              params={{ boardId }}
              search={{}}
              activeOptions={{ exact: t.label === 'Posts', includeSearch: false }}
              aria-current={t.label === 'Posts' && isPosts ? 'page' : undefined}
              className={`-mb-px flex h-10 shrink-0 items-center border-b-2 border-transparent px-2.5 text-sm text-ink-soft transition-colors hover:text-ink md:h-13 ${t.label === 'Posts' && isPosts ? active : ''}`}
              activeProps={{ className: active }}
            >
              {t.label}
            </Link>
          ))}
        </nav>
      </header>
      {b?.archived_at && !postId && (
        <Strip tone="plain">This board is archived: it can be read, and nothing is added to it.</Strip>
      )}
      <div className="min-h-0 flex-1">{b && <Outlet />}</div>
    </div>
  );
}

function Gone() {
  return (
    <div className="flex h-full items-center justify-center">
      <Empty
        icon={<Lightbulb size={22} strokeWidth={1.6} />}
        title="This board is not here"
        action={
          <Link to="/boards" className="font-medium text-accent-text underline underline-offset-2">
            All boards
          </Link>
        }
      >
        It belongs to another workspace, or its address is wrong.
      </Empty>
    </div>
  );
}
