import { useEffect, useState } from 'react';
import { problemText } from '../api/problem';
import { type Board, type Post, usePosts } from '../boards/data';
import { PostRows } from '../boards/post-rows';
import { useSimilar } from '../boards/similar';
import { Skeleton } from '../ui/bits';
import { TextField } from '../ui/field';

interface Props {
  board: Board;
  /** What somebody wrote, or the line that is being written. */
  text: string;
  onChoose: (post: Post) => void;
}

/** The posts that may say the same already. */
export function Alike({ board, text, onChoose }: Props) {
  const { data = [] } = useSimilar(board.id, text);
  if (!data.length || text.trim().length < 2) return null;
  return (
    <div>
      <p className="text-xs text-ink-faint">Already there? Vote for it instead</p>
      <PostRows label="Posts that are alike" board={board} posts={data.slice(0, 3)} onChoose={onChoose} />
    </div>
  );
}

interface FindProps extends Omit<Props, 'onChoose'> {
  chosen: Post | null;
  onChoose: (post: Post | null) => void;
}

/** Finds the post that is meant: at first those that are like what somebody wrote, then by words. */
export function FindAlike({ board, text, chosen, onChoose }: FindProps) {
  const [words, setWords] = useState('');
  const asked = words.trim() || text;
  const similar = useSimilar(board.id, asked);
  const isNothing = similar.isAnswered && !similar.data?.length;
  const wanted = usePosts(board.id, { sort: 'top' }, isNothing && !words.trim());
  const found = similar.data?.length ? similar.data : words.trim() ? [] : wanted.items.slice(0, 5);
  // The most alike one is chosen at once, so that a vote takes two keys; never one of a list that is about to change.
  const [seen, setSeen] = useState('');
  const first = similar.isAnswered ? similar.data?.[0] : undefined;
  useEffect(() => {
    const key = `${asked} ${first?.id}`;
    if (!first || key === seen) return;
    setSeen(key);
    onChoose(first);
  }, [first, asked, seen, onChoose]);
  const at = found.findIndex((p) => p.id === chosen?.id);
  return (
    <div>
      <TextField
        label="Which one?"
        autoFocus
        autoComplete="off"
        maxLength={200}
        placeholder="Words of the post"
        value={words}
        onChange={(e) => {
          setWords(e.target.value);
          setSeen('');
          onChoose(null);
        }}
        onKeyDown={(e) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
          const next = step && found[at + step];
          if (!next) return;
          e.preventDefault();
          onChoose(next);
        }}
        problem={similar.error ? problemText(similar.error) : undefined}
      />
      {!words.trim() && isNothing && found.length > 0 && (
        <p className="mt-2 text-xs text-ink-faint">Nothing is like it. Most wanted:</p>
      )}
      {similar.isLoading && <Skeleton className="mt-2 h-11 w-full" />}
      <PostRows
        label="Posts that are alike"
        board={board}
        posts={found}
        chosen={chosen}
        onChoose={onChoose}
      />
      {isNothing && !found.length && <p className="text-sm text-ink-faint">No post has these words.</p>}
    </div>
  );
}
