import type { Board, Post } from './data';
import { StatusName } from './parts';
import { VoteBox } from './rows';

interface Props {
  label: string;
  board: Board;
  posts: Post[];
  chosen?: Post | null;
  onChoose: (post: Post) => void;
}

/** A few posts to choose one from. */
export function PostRows({ label, board, posts, chosen, onChoose }: Props) {
  return (
    <ul aria-label={label} className="-mx-2 mt-1">
      {posts.map((p) => (
        <li key={p.id}>
          <button
            type="button"
            aria-pressed={chosen === undefined ? undefined : p.id === chosen?.id}
            onClick={() => onChoose(p)}
            className="flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-left hover:bg-hover aria-pressed:bg-accent-soft"
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
  );
}
