import { useNavigate } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { useSettled } from '../lib/hooks';
import { Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { type Board, type Post, useMergePost, usePosts, useUnmergePost } from './data';
import { StatusName } from './parts';
import { VoteBox } from './rows';
import { count } from './words';

interface Props {
  board: Board;
  post: Post;
  onClose: () => void;
}

/** Has another post stand for this one: choose it, see what comes of the votes, and do it. */
export function MergeDialog({ board, post, onClose }: Props) {
  const [target, setTarget] = useState<Post | null>(null);
  const navigate = useNavigate();
  const unmerge = useUnmergePost();
  const merge = useMergePost((survivor) => {
    toast('Merged. Its votes count there now.', {
      action: { label: 'Undo', run: () => unmerge.mutate(post.id) },
    });
    onClose();
    void navigate({
      to: '/boards/$boardId/posts/$postId',
      params: { boardId: board.id, postId: survivor.id },
      search: (old) => old,
    });
  });
  return (
    <Dialog
      title={target ? 'Merge these posts?' : 'Merge into which post?'}
      isOpen
      onClose={onClose}
      width="md"
      footer={
        target && (
          <>
            <Button onPress={() => setTarget(null)}>Another one</Button>
            <Button
              look="primary"
              busy={merge.isPending}
              onPress={() => merge.mutate({ id: post.id, into: target.id })}
            >
              Merge
            </Button>
          </>
        )
      }
    >
      {merge.error && (
        <p role="alert" className="mb-2 text-sm text-loss-text">
          {problemText(merge.error)}
        </p>
      )}
      {target ? (
        <Preview post={post} target={target} />
      ) : (
        <Find board={board} post={post} onFound={setTarget} />
      )}
    </Dialog>
  );
}

function Preview({ post, target }: { post: Post; target: Post }) {
  const most = post.votes + target.votes;
  const least = Math.max(post.votes, target.votes);
  return (
    <div>
      <div className="flex items-center gap-3">
        <Small post={post} />
        <ArrowRight size={18} className="shrink-0 text-ink-faint" aria-label="into" />
        <Small post={target} />
      </div>
      <p className="mt-4 text-ink-soft">
        Then {least === most ? count(most, 'person', 'people') : `${least} to ${most} people`} want it:
        whoever voted for both counts once. Who follows the one follows the other, its comments stay with it,
        and its address leads there. You can take it apart again.
      </p>
    </div>
  );
}

function Small({ post }: { post: Post }) {
  return (
    <div className="flex min-w-0 flex-1 items-center gap-2.5 rounded-md border border-line p-2">
      <VoteBox votes={post.votes} />
      <span className="line-clamp-2 text-sm font-medium">{post.title}</span>
    </div>
  );
}

/** Posts that it may be the same as: found by words, else those that most people want. */
function Find({ board, post, onFound }: Pick<Props, 'board' | 'post'> & { onFound: (post: Post) => void }) {
  const [text, setText] = useState('');
  const q = useSettled(text.trim(), 250);
  const list = usePosts(board.id, q.length >= 2 ? { q } : { sort: 'top' });
  const found = list.items.filter((p) => p.id !== post.id).slice(0, 8);
  return (
    <div className="min-h-80">
      <TextField
        label="Words of the other post"
        autoFocus
        autoComplete="off"
        maxLength={200}
        value={text}
        onChange={(e) => setText(e.target.value)}
        problem={list.error ? problemText(list.error) : undefined}
      />
      <p className="mt-4 mb-1 text-xs text-ink-faint">{q.length >= 2 ? 'Found' : 'Most wanted'}</p>
      {list.isPending && <Skeleton className="h-12 w-full" />}
      <ul aria-label="Posts found" className="-mx-2">
        {found.map((p) => (
          <li key={p.id}>
            <button
              type="button"
              onClick={() => onFound(p)}
              className="flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-left hover:bg-hover"
            >
              <VoteBox votes={p.votes} />
              <span className="min-w-0 flex-1">
                <span className="line-clamp-1 font-medium">{p.title}</span>
                <span className="flex items-center gap-2 text-xs text-ink-faint">
                  <StatusName status={board.statuses.find((s) => s.key === p.status)} fallback={p.status} />
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {!list.isPending && !found.length && (
        <p className="text-sm text-ink-faint">No other post has these words.</p>
      )}
    </div>
  );
}
