import { Link } from '@tanstack/react-router';
import { ChevronUp, Lightbulb, MessageSquare } from 'lucide-react';
import { problemText } from '../../api/problem';
import { type Contribution, howSaid, useContributions } from '../../boards/agreed';
import { useBoards } from '../../boards/all';
import type { Board } from '../../boards/data';
import { StatusName } from '../../boards/parts';
import { importanceLabels } from '../../boards/words';
import { fullTime, shortAge } from '../../lib/time';
import { LoadProblem, Skeleton } from '../../ui/bits';
import { Button } from '../../ui/button';
import type { PartProps } from './parts';

/** What a person wished for, voted for and said on the boards, the latest first. */
export default function BoardsTab({ contact }: PartProps) {
  const list = useContributions(contact.id);
  const boards = useBoards();
  if (list.error && !list.items.length) {
    return <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />;
  }
  if (list.isPending) return <Skeleton className="h-10" />;
  if (!list.items.length) {
    return <p className="text-sm text-ink-faint">They have not written or voted on a board yet.</p>;
  }
  return (
    <>
      <ul aria-label="On the boards" className="-mx-2">
        {list.items.map((c) => (
          <li key={`${c.kind} ${c.id}`}>
            <Done c={c} board={boards.data?.find((b) => b.id === c.post.board_id)} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button look="quiet" busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

const icons = {
  post: <Lightbulb size={15} aria-hidden="true" />,
  vote: <ChevronUp size={16} aria-hidden="true" />,
  comment: <MessageSquare size={14} aria-hidden="true" />,
};
const verbs = { post: 'Wished for', vote: 'Voted for', comment: 'Commented on' };

function Done({ c, board }: { c: Contribution; board: Board | undefined }) {
  const { post } = c;
  const told = [
    board?.name,
    c.importance && importanceLabels[c.importance],
    c.kind !== 'comment' && post.state === 'pending' && 'waits for approval',
    c.comment?.internal && 'a note between colleagues',
    c.on_behalf && !c.agreement && 'written down for them',
    c.agreement && howSaid(c.agreement.how),
  ].filter(Boolean);
  return (
    <Link
      to="/boards/$boardId/posts/$postId"
      params={{ boardId: post.board_id, postId: post.id }}
      search={{}}
      preload={false}
      className="flex gap-3 rounded-md px-2 py-2 hover:bg-hover"
    >
      <span className="mt-0.5 flex w-4 shrink-0 justify-center text-ink-faint">{icons[c.kind]}</span>
      <span className="min-w-0 flex-1">
        <span className="block truncate">
          <span className="text-ink-faint">{verbs[c.kind]}</span> {post.title || 'a post that is not shown'}
        </span>
        {c.comment?.body && <span className="line-clamp-2 text-sm text-ink-soft">{c.comment.body}</span>}
        <span className="flex min-w-0 items-center gap-2 text-xs text-ink-faint">
          <StatusName status={board?.statuses.find((s) => s.key === post.status)} fallback={post.status} />
          <span className="truncate">{told.join(' · ')}</span>
        </span>
      </span>
      <time
        dateTime={c.created_at}
        title={fullTime(c.created_at)}
        className="shrink-0 text-xs text-ink-faint tabular-nums"
      >
        {shortAge(c.created_at)}
      </time>
    </Link>
  );
}
