import { useState } from 'react';
import { problemText } from '../api/problem';
import { useSettled } from '../lib/hooks';
import { Skeleton } from '../ui/bits';
import { TextField } from '../ui/field';
import { type Board, type Post, usePosts } from './data';
import { PostRows } from './post-rows';

interface Props {
  board: Board;
  /** The posts that are not meant. */
  except: string[];
  onFound: (post: Post) => void;
}

/** Looks for a post of a board: by words, else among those that most people want. */
export function FindPost({ board, except, onFound }: Props) {
  const [text, setText] = useState('');
  const q = useSettled(text.trim(), 250);
  const list = usePosts(board.id, q.length >= 2 ? { q } : { sort: 'top' });
  const found = list.items.filter((p) => !except.includes(p.id)).slice(0, 8);
  return (
    <div className="min-h-80">
      <TextField
        label="Words of the post"
        autoFocus
        autoComplete="off"
        maxLength={200}
        value={text}
        onChange={(e) => setText(e.target.value)}
        problem={list.error ? problemText(list.error) : undefined}
      />
      <p className="mt-4 mb-1 text-xs text-ink-faint">{q.length >= 2 ? 'Found' : 'Most wanted'}</p>
      {list.isPending && <Skeleton className="h-12 w-full" />}
      <PostRows label="Posts found" board={board} posts={found} onChoose={onFound} />
      {!list.isPending && !found.length && (
        <p className="text-sm text-ink-faint">No other post has these words.</p>
      )}
    </div>
  );
}
