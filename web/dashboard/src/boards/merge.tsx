import { useNavigate } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { type Board, type Post, useMergePost, useUnmergePost } from './data';
import { FindPost } from './find-post';
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
        <FindPost board={board} except={[post.id]} onFound={setTarget} />
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
