import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ArrowLeft, Check, Ellipsis, ExternalLink, Lightbulb, Merge, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Answer } from '../api/client';
import { isStatus, problemText } from '../api/problem';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useMedia } from '../lib/hooks';
import { useStore } from '../lib/store';
import { fullTime, longAge } from '../lib/time';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Menu } from '../ui/menu';
import { toast } from '../ui/toast';
import { chosenPosts } from './choosing';
import { Comments } from './comments';
import { type Board, type Post, usePatchPost, usePost, useRemovePost, useUnmergePost } from './data';
import { EditPost } from './edit-post';
import { Facts } from './facts';
import { History } from './history';
import { useThisBoard } from './layout';
import { MergeDialog } from './merge';
import { authorName, Strip } from './parts';
import { Markdown } from './prose';
import { VoteBox } from './rows';
import { Voters } from './voters';
import { count } from './words';

/** One post: what is wished, who wants it, what was said, and how it stands. */
export function PostPage() {
  const { postId } = useParams({ from: '/shell/boards/$boardId/triage/posts/$postId' });
  return <ThePost key={postId} id={postId} />;
}

function ThePost({ id }: { id: string }) {
  const board = useThisBoard();
  const { data, error, refetch } = usePost(id);
  if (isStatus(error, 404)) return <Gone board={board} />;
  if (error && !data) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <PostSkeleton />;
  return <Opened board={board} answer={data} />;
}

function Opened({ board, answer }: { board: Board; answer: Answer<Post> }) {
  const post = answer.data;
  const isWide = useMedia('(min-width: 1320px)');
  const mayWrite = useCan(may.writeBoards) && !board.archived_at;
  const [isEditing, setEditing] = useState(false);
  const mayChange = mayWrite && !post.restricted && !post.merged_into;
  useCommand('post-edit', () => setEditing(true), mayChange && !isEditing);
  const facts = <Facts board={board} post={post} mayWrite={mayWrite && !post.merged_into} isWide={isWide} />;
  const voters = <Voters post={post} mayWrite={mayChange} />;
  const history = <History board={board} post={post} />;
  return (
    <div className="flex h-full flex-col">
      <Head board={board} post={post} mayWrite={mayWrite} onEdit={() => setEditing(true)} />
      <States board={board} post={post} mayWrite={mayWrite} />
      <div className="flex min-h-0 flex-1">
        <div className="h-full min-w-0 flex-1 overflow-y-auto">
          <article className="mx-auto max-w-3xl px-4 py-5 md:px-6">
            {isEditing ? (
              <EditPost answer={answer} onClose={() => setEditing(false)} />
            ) : (
              <Words post={post} />
            )}
            {!isWide && <div className="mt-6">{facts}</div>}
            <Comments post={post} mayWrite={mayWrite && !post.merged_into} />
            {!isWide && (
              <div className="mt-7 space-y-5">
                {voters}
                {history}
              </div>
            )}
          </article>
        </div>
        {isWide && (
          <aside
            aria-label="About this post"
            className="h-full w-72 shrink-0 overflow-y-auto border-l border-line"
          >
            <div className="space-y-6 px-4 py-5">
              {facts}
              {voters}
              {history}
            </div>
          </aside>
        )}
      </div>
    </div>
  );
}

interface HeadProps {
  board: Board;
  post: Post;
  mayWrite: boolean;
  onEdit: () => void;
}

function Head({ board, post, mayWrite, onEdit }: HeadProps) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState<'merge' | 'remove' | null>(null);
  const toList = () =>
    void navigate({ to: '/boards/$boardId', params: { boardId: board.id }, search: (old) => old });
  const mayChange = mayWrite && !post.merged_into;
  useCommand('post-merge', () => setAsking('merge'), mayChange);
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-3 md:px-4">
      <span className="md:hidden">
        <IconButton label="Back to the list" onPress={toList}>
          <ArrowLeft size={18} />
        </IconButton>
      </span>
      <h1 className="sr-only md:hidden">{board.name}</h1>
      <p className="min-w-0 flex-1 truncate text-sm text-ink-faint tabular-nums">
        #{post.number} in <bdi>{board.name}</bdi>
      </p>
      {board.visibility !== 'private' && post.state === 'published' && !post.merged_into && (
        <a
          href={`${board.url}/p/${post.number}`}
          target="_blank"
          rel="noreferrer"
          aria-label="The page that people see"
          title="The page that people see"
          className="flex size-8 shrink-0 items-center justify-center rounded-md text-ink-faint hover:bg-hover hover:text-ink"
        >
          <ExternalLink size={15} />
        </a>
      )}
      {mayWrite && (
        <Menu
          label="Post"
          placement="bottom end"
          trigger={
            <IconButton label="Edit, merge and more">
              <Ellipsis size={17} />
            </IconButton>
          }
          groups={[
            {
              id: 'change',
              items: mayChange
                ? [
                    ...(post.restricted
                      ? []
                      : [
                          {
                            id: 'edit',
                            label: 'Edit',
                            icon: <Pencil size={15} />,
                            shortcut: 'E',
                            onAction: onEdit,
                          },
                        ]),
                    {
                      id: 'merge',
                      label: 'Merge into another…',
                      icon: <Merge size={15} />,
                      shortcut: 'M',
                      onAction: () => setAsking('merge'),
                    },
                  ]
                : [],
            },
            {
              id: 'end',
              items: [
                {
                  id: 'remove',
                  label: 'Delete…',
                  icon: <Trash2 size={15} />,
                  isLoss: true,
                  onAction: () => setAsking('remove'),
                },
              ],
            },
          ]}
        />
      )}
      {asking === 'merge' && <MergeDialog board={board} post={post} onClose={() => setAsking(null)} />}
      {asking === 'remove' && <RemoveDialog post={post} onClose={() => setAsking(null)} onRemoved={toList} />}
    </header>
  );
}

/** What is out of the ordinary about a post, and the way out. */
function States({ board, post, mayWrite }: { board: Board; post: Post; mayWrite: boolean }) {
  const patch = usePatchPost();
  const unmerge = useUnmergePost();
  const approve = () =>
    patch.mutate({ post, change: { state: 'published' } }, { onSuccess: () => toast('Published.') });
  const isPending = post.state === 'pending' && !post.merged_into;
  const isChoosing = useStore(chosenPosts, (all) => all.size > 0);
  useCommand('post-approve', approve, isPending && mayWrite && !isChoosing);
  return (
    <>
      {isPending && (
        <Strip
          tone="time"
          action={
            mayWrite && (
              <Button
                size="sm"
                look="primary"
                icon={<Check size={14} />}
                onPress={approve}
                busy={patch.isPending}
              >
                Approve
              </Button>
            )
          }
        >
          Waits for approval: nobody outside sees it yet.
        </Strip>
      )}
      {post.restricted && (
        <Strip tone="time">
          The author had the use of their data restricted: their words are stored, and not shown.
        </Strip>
      )}
      {post.merged_into && (
        <Strip
          tone="plain"
          action={
            mayWrite && (
              <Button size="sm" busy={unmerge.isPending} onPress={() => unmerge.mutate(post.id)}>
                Take out again
              </Button>
            )
          }
        >
          Merged into{' '}
          <Link
            to="/boards/$boardId/posts/$postId"
            params={{ boardId: board.id, postId: post.merged_into }}
            search={(old) => old}
            className="font-medium text-accent-text underline underline-offset-2"
          >
            another post
          </Link>
          , which counts its votes.
        </Strip>
      )}
    </>
  );
}

function Words({ post }: { post: Post }) {
  return (
    <>
      <div className="flex items-start gap-3.5">
        <VoteBox votes={post.votes} />
        <div className="min-w-0 flex-1">
          <h2 className="text-lg leading-6.5 font-semibold wrap-anywhere">
            {post.restricted ? 'Veiled: its author is restricted' : post.title}
          </h2>
          <p className="mt-1 text-sm text-ink-faint">
            <AuthorLink post={post} /> ·{' '}
            <time dateTime={post.created_at} title={fullTime(post.created_at)}>
              {longAge(post.created_at)}
            </time>
            {post.edited_at && <span title={fullTime(post.edited_at)}> · edited</span>}
          </p>
        </div>
      </div>
      {post.body && !post.restricted && <Markdown text={post.body} className="mt-4" />}
    </>
  );
}

function AuthorLink({ post }: { post: Post }) {
  const mayRead = useCan(may.readContacts);
  const name = authorName(post.author);
  if (post.author.type !== 'contact' || !mayRead) return <>{name}</>;
  return (
    <Link
      to="/contacts/$contactId"
      params={{ contactId: post.author.id }}
      preload={false}
      className="font-medium text-ink-soft underline-offset-2 hover:underline"
    >
      {name}
    </Link>
  );
}

function RemoveDialog({
  post,
  onClose,
  onRemoved,
}: {
  post: Post;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const remove = useRemovePost(() => {
    toast('The post is deleted.');
    onRemoved();
  });
  return (
    <Dialog
      title="Delete this post?"
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button look="loss" busy={remove.isPending} onPress={() => remove.mutate(post.id)}>
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
        {count(post.votes, 'vote')} and {count(post.comments, 'comment')} go with it. This cannot be undone.
        To keep the votes, merge it into another post instead.
      </p>
    </Dialog>
  );
}

function PostSkeleton() {
  return (
    <div role="status" aria-label="Loading the post" className="mx-auto max-w-3xl px-6 pt-17">
      <div className="flex gap-3.5">
        <Skeleton className="size-12" />
        <div className="flex-1">
          <Skeleton className="mb-3 h-5 w-3/5" />
          <Skeleton className="h-3 w-1/3" />
        </div>
      </div>
      <Skeleton className="mt-6 h-3 w-full" />
      <Skeleton className="mt-3 h-3 w-4/5" />
    </div>
  );
}

function Gone({ board }: { board: Board }) {
  return (
    <div className="flex h-full items-center justify-center">
      <Empty
        icon={<Lightbulb size={22} strokeWidth={1.6} />}
        title="This post is gone"
        action={
          <Link
            to="/boards/$boardId"
            params={{ boardId: board.id }}
            search={(old) => old}
            className="font-medium text-accent-text underline underline-offset-2"
          >
            All posts
          </Link>
        }
      >
        Somebody deleted it, or its author was erased.
      </Empty>
    </div>
  );
}
