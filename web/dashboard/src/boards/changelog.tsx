import { Link, useNavigate } from '@tanstack/react-router';
import { CalendarClock, CircleCheck, Megaphone, PencilLine, Plus } from 'lucide-react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, untilTime } from '../lib/time';
import { Empty, LoadProblem, Skeleton, Tag } from '../ui/bits';
import { Button } from '../ui/button';
import { type Entry, useEntries } from './changelog-data';
import { useThisBoard } from './layout';
import { count } from './words';

/** What was told, is to be told, and is still being written. */
export function ChangelogPage() {
  const board = useThisBoard();
  const mayWrite = useCan(may.writeBoards) && !board.archived_at;
  const navigate = useNavigate();
  const list = useEntries(board.id);
  const addOne = mayWrite && (
    <Button
      icon={<Plus size={15} aria-hidden="true" />}
      onPress={() =>
        void navigate({
          to: '/boards/$boardId/changelog/$entryId',
          params: { boardId: board.id, entryId: 'new' },
        })
      }
    >
      New entry
    </Button>
  );
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-3xl px-4 py-5 md:px-8">
        <header className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <div>
            <h2 className="text-lg font-semibold">Changelog</h2>
            <p className="mt-0.5 text-sm text-ink-soft">
              What is new. Whoever voted for a post that an entry closes is told.
            </p>
          </div>
          {list.items.length ? addOne : null}
        </header>
        {list.error && !list.items.length ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : list.isPending ? (
          <div role="status" aria-label="Loading the changelog" className="space-y-3">
            <Skeleton className="h-16 w-full" />
            <Skeleton className="h-16 w-full" />
          </div>
        ) : list.items.length === 0 ? (
          <Empty
            icon={<Megaphone size={22} strokeWidth={1.6} />}
            title="Nothing was told yet"
            action={addOne}
          >
            Tell people what you made, and which of their wishes it fulfils.
          </Empty>
        ) : (
          <ul className="divide-y divide-line rounded-md border border-line">
            {list.items.map((e) => (
              <Row key={e.id} entry={e} boardId={board.id} />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <Button
            look="quiet"
            className="mt-3"
            busy={list.isFetchingNextPage}
            onPress={() => void list.fetchNextPage()}
          >
            Show more
          </Button>
        )}
      </div>
    </div>
  );
}

function Row({ entry: e, boardId }: { entry: Entry; boardId: string }) {
  return (
    <li className="relative px-4 py-3 transition-colors hover:bg-hover">
      <div className="flex items-start gap-3">
        <h3 className="min-w-0 flex-1 font-medium">
          <Link
            to="/boards/$boardId/changelog/$entryId"
            params={{ boardId, entryId: e.id }}
            preload={false}
            className="after:absolute after:inset-0"
          >
            {e.title}
          </Link>
        </h3>
        <StateBadge entry={e} />
      </div>
      {(e.categories.length > 0 || e.post_ids.length > 0) && (
        <p className="mt-1.5 flex flex-wrap items-center gap-1.5 text-xs text-ink-faint">
          {e.categories.map((c) => (
            <Tag key={c}>{c}</Tag>
          ))}
          {e.post_ids.length > 0 && <span>closes {count(e.post_ids.length, 'post')}</span>}
        </p>
      )}
    </li>
  );
}

/** How far an entry is, and since or until when. */
export function StateBadge({ entry: e }: { entry: Pick<Entry, 'state' | 'publish_at'> }) {
  const look = 'mt-0.5 inline-flex shrink-0 items-center gap-1.5 text-xs';
  if (e.state === 'draft' || !e.publish_at) {
    return (
      <span className={`${look} text-ink-faint`}>
        <PencilLine size={13} aria-hidden="true" />
        Draft
      </span>
    );
  }
  if (e.state === 'scheduled') {
    return (
      <span className={`${look} font-medium text-time-text`}>
        <CalendarClock size={13} aria-hidden="true" />
        {untilTime(e.publish_at)}
      </span>
    );
  }
  return (
    <span className={`${look} text-ink-soft`} title={fullTime(e.publish_at)}>
      <CircleCheck size={13} aria-hidden="true" />
      {new Date(e.publish_at).toLocaleDateString('en-GB', {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
      })}
    </span>
  );
}
