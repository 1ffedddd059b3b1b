import { useEffect, useState } from 'react';
import { problemText } from '../api/problem';
import { type Board, type Post, usePosts } from '../boards/data';
import { StatusName } from '../boards/parts';
import { VoteBox } from '../boards/rows';
import { useSettled } from '../lib/hooks';
import { Skeleton } from '../ui/bits';
import { TextField } from '../ui/field';

interface Props {
  board: Board;
  /** What somebody wrote, or the line that is being written. */
  text: string;
  chosen: Post | null;
  /** Whether one of them is looked for; otherwise those that are alike are offered, if there are any. */
  isSearched: boolean;
  onChoose: (post: Post | null) => void;
}

/** The posts of a board that are like what somebody wrote. */
export function Alike({ board, text, chosen, isSearched, onChoose }: Props) {
  const [words, setWords] = useState('');
  const q = useSettled((isSearched ? words : text).trim(), 250);
  const list = usePosts(board.id, q.length >= 2 ? { q } : { sort: 'top' }, isSearched || q.length >= 2);
  const found = list.items.slice(0, isSearched ? 6 : 3);
  // The best one is chosen at once, so that a vote takes two keys; never one of a list that is about to change.
  const isSettled = !isSearched || (q === words.trim() && !list.isPlaceholderData);
  const first =
    isSearched && q.length >= 2 && isSettled && !found.some((p) => p.id === chosen?.id)
      ? found[0]
      : undefined;
  useEffect(() => {
    if (first) onChoose(first);
  }, [first, onChoose]);
  if (!isSearched && !found.length) return null;
  const at = found.findIndex((p) => p.id === chosen?.id);
  return (
    <div>
      {isSearched && (
        <TextField
          label="Which one?"
          autoFocus
          autoComplete="off"
          maxLength={200}
          placeholder="Words of the post"
          value={words}
          onChange={(e) => {
            setWords(e.target.value);
            onChoose(null);
          }}
          onKeyDown={(e) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
            const next = step && found[at + step];
            if (!next) return;
            e.preventDefault();
            onChoose(next);
          }}
          problem={list.error ? problemText(list.error) : undefined}
        />
      )}
      {!isSearched && <p className="mb-1 text-xs text-ink-faint">Already there? Vote for it instead</p>}
      {isSearched && list.isPending && <Skeleton className="mt-2 h-11 w-full" />}
      <ul aria-label="Posts that are alike" className="-mx-2 mt-1">
        {found.map((p) => (
          <li key={p.id}>
            <button
              type="button"
              aria-pressed={p.id === chosen?.id}
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
      {isSearched && !list.isPending && !found.length && (
        <p className="text-sm text-ink-faint">No post has these words.</p>
      )}
    </div>
  );
}
