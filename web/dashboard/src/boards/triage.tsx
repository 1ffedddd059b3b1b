import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Lightbulb, Plus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { problemText } from '../api/problem';
import { useCommand } from '../app/commands';
import { ConnectionStrip } from '../app/connection';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useSettled } from '../lib/hooks';
import { useStore } from '../lib/store';
import { Empty, Kbd, LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { BulkBar } from './bulk';
import { chooseNone, chosenPosts } from './choosing';
import { useCounts, usePosts } from './data';
import { FilterBar } from './filter-bar';
import { type Filters, filterCount, toQuery } from './filters';
import { useThisBoard } from './layout';
import { NewPost } from './new-post';
import { Strip } from './parts';
import { Rows } from './rows';
import { count } from './words';

const here = '/shell/boards/$boardId/triage';

/** A board's posts: list and post side by side; on a phone one after the other. */
export function TriagePage() {
  const board = useThisBoard();
  const { postId } = useParams({ strict: false });
  const navigate = useNavigate();
  const isChoosing = useStore(chosenPosts, (all) => all.size > 0);
  useCommand(
    'back',
    () => void navigate({ to: '/boards/$boardId', params: { boardId: board.id }, search: (old) => old }),
    postId !== undefined && !isChoosing,
  );
  return (
    <div className="flex h-full">
      <div
        className={`h-full w-full min-w-0 md:w-88 md:shrink-0 md:border-r md:border-line xl:w-96 ${postId ? 'max-md:hidden' : ''}`}
      >
        <PostList key={board.id} />
      </div>
      <div className={`h-full min-w-0 flex-1 ${postId ? '' : 'max-md:hidden'}`}>
        <Outlet />
      </div>
    </div>
  );
}

function PostList() {
  const board = useThisBoard();
  const filters = useSearch({ from: here });
  const navigate = useNavigate();
  const mayWrite = useCan(may.writeBoards) && !board.archived_at;
  const [text, setText] = useState('');
  const [isAdding, setAdding] = useState(false);
  const chosen = useStore(chosenPosts);
  useEffect(() => chooseNone, []);
  const field = useRef<HTMLInputElement>(null);
  const q = useSettled(text.trim(), 250);
  const list = usePosts(board.id, toQuery(filters, q.length >= 2 ? q : ''));
  const setFilters = (next: Filters) => {
    chooseNone();
    void navigate({ from: '/boards/$boardId', to: '.', search: next });
  };
  useCommand('search', () => field.current?.focus());
  useCommand('back', chooseNone, chosen.size > 0); // the chosen ones first, then the open post
  const shown = list.items.filter((p) => chosen.has(p.id));
  return (
    <section aria-label="Posts" className="flex h-full min-h-0 flex-col">
      <FilterBar
        board={board}
        filters={filters}
        onChange={setFilters}
        text={text}
        setText={setText}
        field={field}
        onAdd={mayWrite ? () => setAdding(true) : undefined}
      />
      <ConnectionStrip />
      <PendingStrip boardId={board.id} filters={filters} onChange={setFilters} />
      <div className="min-h-0 flex-1">
        {list.isPending ? (
          <ListSkeleton />
        ) : list.error && !list.items.length ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : list.items.length === 0 ? (
          <NothingHere
            isFiltered={filterCount(filters) > 0 || q !== ''}
            isPendingList={filters.state === 'pending'}
            onClear={() => {
              setText('');
              setFilters({});
            }}
            onAdd={mayWrite ? () => setAdding(true) : undefined}
          />
        ) : (
          <Rows
            items={list.items}
            board={board}
            hasMore={list.hasNextPage}
            onEnd={() => {
              if (!list.isFetchingNextPage) void list.fetchNextPage();
            }}
            chosen={mayWrite ? chosen : undefined}
            onChoose={(ids) => chosenPosts.set(ids)}
          />
        )}
      </div>
      {shown.length > 0 && <BulkBar board={board} posts={shown} onClear={chooseNone} />}
      {isAdding && (
        <NewPost
          board={board}
          onClose={() => setAdding(false)}
          onCreated={(post) => {
            setAdding(false);
            void navigate({
              to: '/boards/$boardId/posts/$postId',
              params: { boardId: board.id, postId: post.id },
              search: (old) => old,
            });
          }}
        />
      )}
    </section>
  );
}

const waitingText = (posts: number, comments: number): string =>
  `${[posts && count(posts, 'post'), comments && count(comments, 'comment')].filter(Boolean).join(' and ')} ${posts + comments === 1 ? 'waits' : 'wait'}`;

/** What waits for a decision stands on top of everything else. */
function PendingStrip(props: { boardId: string; filters: Filters; onChange: (next: Filters) => void }) {
  const { boardId, filters, onChange } = props;
  const counts = useCounts(boardId).data;
  const waiting = (counts?.pending ?? 0) + (counts?.pending_comments ?? 0);
  if (filters.state === 'pending') {
    return (
      <Strip
        tone="time"
        action={
          <Button size="sm" onPress={() => onChange({})}>
            All posts
          </Button>
        }
      >
        Only what waits for approval. Nobody outside sees these.
      </Strip>
    );
  }
  if (!waiting) return null;
  return (
    <Strip
      tone="time"
      action={
        <Link
          to="/boards/queue"
          search={{ board: boardId }}
          className="inline-flex h-7 items-center rounded-md border border-line-strong bg-surface px-2.5 font-medium text-ink hover:bg-hover"
        >
          Decide
        </Link>
      }
    >
      {waitingText(counts?.pending ?? 0, counts?.pending_comments ?? 0)} for approval
    </Strip>
  );
}

function ListSkeleton() {
  return (
    <div role="status" aria-label="Loading posts">
      {[0, 1, 2, 3, 4, 5].map((i) => (
        <div key={i} className="flex h-20 gap-3 px-4 py-3">
          <Skeleton className="size-11" />
          <div className="flex-1 pt-1">
            <Skeleton className="mb-3 h-3 w-4/5" />
            <Skeleton className="h-2.5 w-2/5" />
          </div>
        </div>
      ))}
    </div>
  );
}

interface NothingProps {
  isFiltered: boolean;
  isPendingList: boolean;
  onClear: () => void;
  onAdd: (() => void) | undefined;
}

function NothingHere({ isFiltered, isPendingList, onClear, onAdd }: NothingProps) {
  const icon = <Lightbulb size={22} strokeWidth={1.6} />;
  if (isPendingList) {
    return (
      <Empty icon={icon} title="Nothing waits" action={<Button onPress={onClear}>All posts</Button>}>
        Everything that people sent in is decided.
      </Empty>
    );
  }
  if (isFiltered) {
    return (
      <Empty icon={icon} title="No post is like that" action={<Button onPress={onClear}>Show all</Button>}>
        Take a filter away, or look for fewer words.
      </Empty>
    );
  }
  return (
    <Empty
      icon={icon}
      title="Nobody has wished for anything yet"
      action={
        onAdd && (
          <Button icon={<Plus size={15} />} onPress={onAdd}>
            Add the first post
          </Button>
        )
      }
    >
      Write down what people asked for elsewhere, and vote for them.
    </Empty>
  );
}

/** What stands beside the list before a post is opened. */
export function NoPost() {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-4 p-8 text-center text-ink-faint">
      <Lightbulb size={28} strokeWidth={1.4} aria-hidden="true" />
      <p>Choose a post to read it.</p>
      <p className="flex flex-wrap items-center justify-center gap-x-4 gap-y-2 text-sm">
        {[
          ['J', 'K', 'move'],
          ['↵', 'open'],
          ['S', 'status'],
          ['X', 'choose'],
          ['?', 'all shortcuts'],
        ].map((one) => (
          <span key={one.join()} className="flex items-center gap-1.5">
            {one.slice(0, -1).map((k) => (
              <Kbd key={k}>{k}</Kbd>
            ))}{' '}
            {one.at(-1)}
          </span>
        ))}
      </p>
    </div>
  );
}
