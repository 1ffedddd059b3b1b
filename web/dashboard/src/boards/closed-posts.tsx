import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { type Board, usePost } from './data';
import { FindPost } from './find-post';
import { StatusName } from './parts';

interface Props {
  board: Board;
  ids: string[];
  onChange: ((ids: string[]) => void) | undefined;
  problem: string | undefined;
}

/** The posts that an entry says are done. */
export function ClosedPosts({ board, ids, onChange, problem }: Props) {
  const [isFinding, setFinding] = useState(false);
  return (
    <section aria-label="Posts that it closes">
      <h3 className="mb-1.5 text-sm font-medium">Posts that it closes</h3>
      {ids.length > 0 && (
        <ul className="mb-2 divide-y divide-line rounded-md border border-line">
          {ids.map((id) => (
            <Closed
              key={id}
              id={id}
              board={board}
              onRemove={onChange && (() => onChange(ids.filter((i) => i !== id)))}
            />
          ))}
        </ul>
      )}
      {onChange && (
        <Button size="sm" icon={<Plus size={14} />} onPress={() => setFinding(true)}>
          Add a post
        </Button>
      )}
      <p
        className={`mt-1.5 text-sm ${problem ? 'text-loss-text' : 'text-ink-faint'}`}
        role={problem && 'alert'}
      >
        {problem ?? 'They move to done when it is published.'}
      </p>
      {isFinding && onChange && (
        <Dialog title="Which post?" isOpen onClose={() => setFinding(false)} width="md">
          <FindPost
            board={board}
            except={ids}
            onFound={(post) => {
              onChange([...ids, post.id]);
              setFinding(false);
            }}
          />
        </Dialog>
      )}
    </section>
  );
}

function Closed({ id, board, onRemove }: { id: string; board: Board; onRemove: (() => void) | undefined }) {
  const { data, error } = usePost(id);
  const post = data?.data;
  const title = post?.title ?? (error ? 'A post that is gone' : '…');
  return (
    <li className="flex items-center gap-3 px-3 py-1.5">
      <span className="min-w-0 flex-1 truncate text-sm">{title}</span>
      {post && (
        <span className="shrink-0 text-xs text-ink-faint">
          <StatusName status={board.statuses.find((s) => s.key === post.status)} fallback={post.status} />
        </span>
      )}
      {onRemove && (
        <IconButton label={`Leave out ${title}`} className="size-7!" onPress={onRemove}>
          <X size={14} />
        </IconButton>
      )}
    </li>
  );
}
