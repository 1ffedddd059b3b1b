import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../api/client';
import { isStatus, Problem, problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextArea, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { StateBadge } from './changelog';
import { type Entry, type EntryChange, useEntry, useRemoveEntry, useSaveEntry } from './changelog-data';
import { ClosedPosts } from './closed-posts';
import { useThisBoard } from './layout';
import { Markdown } from './prose';
import { count } from './words';

/** Writes an entry of the changelog: a new one, or one that is there. */
export function EntryPage() {
  const { entryId } = useParams({ from: '/shell/boards/$boardId/changelog/$entryId' });
  const board = useThisBoard();
  const isNew = entryId === 'new';
  const loaded = useEntry(isNew ? null : entryId);
  const isReady = isNew || loaded.data;
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-5xl px-4 py-5 md:px-8">
        <Link
          to="/boards/$boardId/changelog"
          params={{ boardId: board.id }}
          className="mb-3 inline-flex items-center gap-1.5 text-sm text-ink-soft hover:text-ink"
        >
          <ArrowLeft size={15} aria-hidden="true" />
          Changelog
        </Link>
        {loaded.error && !loaded.data ? (
          isStatus(loaded.error, 404) ? (
            <p className="py-12 text-center text-ink-soft">This entry is gone.</p>
          ) : (
            <LoadProblem text={problemText(loaded.error)} onRetry={() => void loaded.refetch()} />
          )
        ) : isReady ? (
          <Editor
            key={`${entryId} ${loaded.data?.etag ?? ''}`}
            boardId={board.id}
            answer={loaded.data ?? null}
          />
        ) : (
          <div role="status" aria-label="Loading the entry" className="space-y-4">
            <Skeleton className="h-9 w-72" />
            <Skeleton className="h-60 w-full" />
          </div>
        )}
      </div>
    </div>
  );
}

interface Draft {
  title: string;
  text: string;
  categories: string;
  posts: string[];
}

const wordsOf = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((w) => w.trim().toLowerCase())
      .filter(Boolean),
  ),
];

function Editor({ boardId, answer }: { boardId: string; answer: Answer<Entry> | null }) {
  const entry = answer?.data ?? null;
  const board = useThisBoard();
  const mayWrite = useCan(may.writeBoards) && !board.archived_at;
  const navigate = useNavigate();
  const [draft, setDraft] = useState<Draft>({
    title: entry?.title ?? '',
    text: entry?.body ?? '',
    categories: entry?.categories.join(', ') ?? '',
    posts: entry?.post_ids ?? [],
  });
  const save = useSaveEntry(boardId, entry?.id ?? null, answer?.etag ?? null);
  const problem = save.error instanceof Problem ? save.error : null;
  const toList = () => void navigate({ to: '/boards/$boardId/changelog', params: { boardId } });
  const submit = (how: EntryChange, said: string) =>
    save.mutate(
      {
        title: draft.title.trim(),
        body: draft.text,
        categories: wordsOf(draft.categories),
        post_ids: draft.posts,
        ...how,
      },
      {
        onSuccess: () => {
          toast(said);
          toList();
        },
      },
    );
  const set = (change: Partial<Draft>) => setDraft((d) => ({ ...d, ...change }));
  return (
    <>
      <div className="mb-4 flex items-center gap-3">
        <h2 className="min-w-0 truncate text-lg font-semibold">{entry ? entry.title : 'New entry'}</h2>
        {entry && <StateBadge entry={entry} />}
        {entry && mayWrite && <Remove entry={entry} onRemoved={toList} />}
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <form
          className="min-w-0 space-y-4"
          onSubmit={(e) => {
            e.preventDefault();
            submit({}, 'Saved.');
          }}
        >
          <TextField
            label="What is new"
            maxLength={200}
            autoComplete="off"
            readOnly={!mayWrite}
            value={draft.title}
            onChange={(e) => set({ title: e.target.value })}
            problem={problem?.field('title')}
          />
          <TextArea
            label="More about it"
            hint="Markdown. Everybody may read it: name nobody who did not agree."
            rows={12}
            maxLength={50_000}
            readOnly={!mayWrite}
            value={draft.text}
            onChange={(e) => set({ text: e.target.value })}
            problem={problem?.field('body')}
          />
          <TextField
            label="Categories"
            hint="Up to five, with commas between, such as new, fixed."
            autoComplete="off"
            readOnly={!mayWrite}
            value={draft.categories}
            onChange={(e) => set({ categories: e.target.value })}
            problem={problem?.field('categories')}
          />
          <ClosedPosts
            board={board}
            ids={draft.posts}
            onChange={mayWrite ? (posts) => set({ posts }) : undefined}
            problem={problem?.field('post_ids')}
          />
          {save.error && !problem?.fields.length && (
            <p role="alert" className="text-sm text-loss-text">
              {problemText(save.error)}
            </p>
          )}
          {mayWrite && (
            <Actions
              entry={entry}
              posts={draft.posts.length}
              isBusy={save.isPending}
              isReady={draft.title.trim() !== ''}
              onDo={submit}
            />
          )}
        </form>
        <section aria-label="Preview" className="min-w-0 rounded-md border border-line bg-paper px-5 py-4">
          <p className="mb-3 text-xs text-ink-faint">As people will read it</p>
          <h3 className="text-lg leading-6.5 font-semibold wrap-anywhere">{draft.title || 'What is new'}</h3>
          <p className="mt-1 mb-3 flex flex-wrap gap-1.5">
            {wordsOf(draft.categories).map((c) => (
              <span key={c} className="rounded-sm border border-line-strong px-1.5 text-xs text-ink-soft">
                {c}
              </span>
            ))}
          </p>
          {draft.text ? (
            <Markdown text={draft.text} />
          ) : (
            <p className="text-sm text-ink-faint">What you write stands here.</p>
          )}
        </section>
      </div>
    </>
  );
}

interface ActionProps {
  entry: Entry | null;
  posts: number;
  isBusy: boolean;
  isReady: boolean;
  onDo: (how: EntryChange, said: string) => void;
}

type Asking = 'publish' | 'schedule' | 'withdraw' | null;

/** Saving changes nothing of when people read it; publishing is asked for once more, since people are told. */
function Actions({ entry, posts, isBusy, isReady, onDo }: ActionProps) {
  const [asking, setAsking] = useState<Asking>(null);
  const [when, setWhen] = useState(() => tomorrow());
  const isOut = entry?.state === 'published';
  const close = () => setAsking(null);
  const act = (how: EntryChange, said: string) => {
    close();
    onDo(how, said);
  };
  const told = posts ? ` ${count(posts, 'post')} will be done, and who follows them is told.` : '';
  return (
    <div className="flex flex-wrap gap-2 pt-1">
      {!isOut && (
        <Button look="primary" isDisabled={!isReady} busy={isBusy} onPress={() => setAsking('publish')}>
          Publish now
        </Button>
      )}
      <Button type="submit" look={isOut ? 'primary' : 'plain'} isDisabled={!isReady} busy={isBusy}>
        {entry ? 'Save' : 'Save as a draft'}
      </Button>
      {!isOut && (
        <Button look="quiet" isDisabled={!isReady} onPress={() => setAsking('schedule')}>
          {entry?.state === 'scheduled' ? 'Another time' : 'Schedule'}
        </Button>
      )}
      {entry && entry.state !== 'draft' && (
        <Button look="quiet" onPress={() => setAsking('withdraw')}>
          {isOut ? 'Withdraw' : 'Do not publish'}
        </Button>
      )}
      {asking === 'publish' && (
        <Ask
          title="Publish it now?"
          act="Publish"
          onClose={close}
          onDo={() => act({ publish_at: new Date().toISOString() }, 'Published.')}
        >
          Whoever may read the board reads it at once.{told}
        </Ask>
      )}
      {asking === 'schedule' && (
        <Ask
          title="When is it to be read?"
          act="Schedule"
          isReady={!Number.isNaN(Date.parse(when))}
          onClose={close}
          onDo={() => act({ publish_at: new Date(when).toISOString() }, 'Scheduled.')}
        >
          <TextField
            label="Day and time"
            type="datetime-local"
            autoFocus
            value={when}
            onChange={(e) => setWhen(e.target.value)}
            hint="In your time zone. It publishes itself."
          />
          {told && <span className="mt-3 block">Then{told.replace(/^ /, ' ')}</span>}
        </Ask>
      )}
      {asking === 'withdraw' && (
        <Ask
          title="Make a draft of it again?"
          act="Withdraw"
          onClose={close}
          onDo={() => act({ withdraw: true }, 'Withdrawn.')}
        >
          {isOut
            ? 'Nobody reads it any more. Posts that it closed stay done, and mails that went out stay sent.'
            : 'It waits until you publish it.'}
        </Ask>
      )}
    </div>
  );
}

/** Nine tomorrow morning, as the browser's field writes it. */
function tomorrow(): string {
  const day = new Date(Date.now() + 86_400_000);
  day.setHours(9, 0, 0, 0);
  return new Date(day.getTime() - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

interface AskProps {
  title: string;
  act: string;
  isReady?: boolean;
  onClose: () => void;
  onDo: () => void;
  children: ReactNode;
}

function Ask({ title, act, isReady = true, onClose, onDo, children }: AskProps) {
  return (
    <Dialog
      title={title}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Not yet</Button>
          <Button look="primary" isDisabled={!isReady} onPress={onDo}>
            {act}
          </Button>
        </>
      }
    >
      <div className="text-ink-soft">{children}</div>
    </Dialog>
  );
}

function Remove({ entry, onRemoved }: { entry: Entry; onRemoved: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const remove = useRemoveEntry(() => {
    toast('The entry is deleted.');
    onRemoved();
  });
  return (
    <span className="ml-auto">
      <IconButton label="Delete the entry" onPress={() => setAsking(true)}>
        <Trash2 size={16} />
      </IconButton>
      {isAsking && (
        <Dialog
          title="Delete this entry?"
          isOpen
          isAlert
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button onPress={() => setAsking(false)}>Keep</Button>
              <Button look="loss" busy={remove.isPending} onPress={() => remove.mutate(entry.id)}>
                Delete
              </Button>
            </>
          }
        >
          {remove.error && (
            <p role="alert" className="mb-2 text-sm text-loss-text">
              {problemText(remove.error)}
            </p>
          )}
          <p className="text-ink-soft">
            It goes for good, from the pages and the feed, too. To hide it for a while, withdraw it instead.
          </p>
        </Dialog>
      )}
    </span>
  );
}
