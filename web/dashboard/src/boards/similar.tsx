import { useQuery } from '@tanstack/react-query';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import type { Page } from '../api/types';
import { useSettled } from '../lib/hooks';
import type { Board, Post } from './data';
import { StatusName } from './parts';
import { VoteBox } from './rows';

/** The posts that a title may mean, the most alike first; typos are forgiven. */
export function useSimilar(boardId: string, title: string, isEnabled = true) {
  const asked = [...title.trim()].slice(0, 200).join('');
  const settled = useSettled(asked, 250);
  const result = useQuery({
    queryKey: keys.boards.posts(boardId, { similar: settled }),
    queryFn: async ({ signal }) => {
      const page = (await body(
        client.POST('/api/v1/boards/{id}/similar', {
          params: { path: { id: boardId } },
          body: { title: settled },
          signal,
        }),
      )) as Page<Post>;
      return page.data;
    },
    enabled: isEnabled && settled.length >= 2,
    placeholderData: (old) => old,
  });
  /** Whether the answer is about the title as it is now. */
  const isAnswered = result.isSuccess && !result.isPlaceholderData && settled === asked;
  return { ...result, isAnswered };
}

interface RowsProps {
  board: Board;
  posts: Post[];
  chosen?: Post | null;
  onChoose: (post: Post) => void;
}

/** A few posts to choose one from. */
export function SimilarRows({ board, posts, chosen, onChoose }: RowsProps) {
  return (
    <ul aria-label="Posts that are alike" className="-mx-2 mt-1">
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
