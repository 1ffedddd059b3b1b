import { useState } from 'react';
import type { Answer } from '../api/client';
import { isStatus, Problem, problemText } from '../api/problem';
import { Button } from '../ui/button';
import { TextArea, TextField } from '../ui/field';
import { type Post, readPost, usePatchPost } from './data';

const hasSameWords = (a: Post, b: Post) => a.title === b.title && a.body === b.body;

/** Changes a post's words. Somebody else who changed it meanwhile is not overwritten. */
export function EditPost({ answer, onClose }: { answer: Answer<Post>; onClose: () => void }) {
  const [start] = useState(answer);
  const [title, setTitle] = useState(start.data.title);
  const [text, setText] = useState(start.data.body);
  const patch = usePatchPost();
  const problem = patch.error instanceof Problem ? patch.error : null;
  const send = (etag: string | null, isLast: boolean) =>
    patch.mutate(
      { post: answer.data, change: { title: title.trim(), body: text }, etag },
      {
        onSuccess: onClose,
        onError: async (error) => {
          if (isLast || !isStatus(error, 412)) return;
          // Its status or owner may have changed, by one's own hand too: that is no reason to lose words.
          const now = await readPost(start.data.id).catch(() => null);
          if (now && hasSameWords(now.data, start.data)) send(now.etag, true);
        },
      },
    );
  const save = () => send(hasSameWords(answer.data, start.data) ? answer.etag : start.etag, false);
  return (
    <form
      aria-label="Edit the post"
      className="space-y-4"
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
      onKeyDown={(e) => {
        if (e.key === 'Escape') {
          e.preventDefault();
          onClose();
        }
        if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
          e.preventDefault(); // or the browser would submit it once more
          save();
        }
      }}
    >
      <TextField
        label="In one line"
        autoFocus
        maxLength={200}
        value={title}
        onChange={(e) => setTitle(e.target.value)}
        problem={problem?.field('title')}
      />
      <TextArea
        label="What it is about"
        hint="Markdown. What it said before stays in its history."
        rows={8}
        maxLength={20_000}
        value={text}
        onChange={(e) => setText(e.target.value)}
        problem={problem?.field('body')}
      />
      {patch.error && !problem?.fields.length && (
        <p role="alert" className="text-sm text-loss-text">
          {problemText(patch.error)}
        </p>
      )}
      <div className="flex gap-2">
        <Button look="primary" type="submit" busy={patch.isPending} isDisabled={!title.trim()}>
          Save
        </Button>
        <Button onPress={onClose}>Cancel</Button>
      </div>
    </form>
  );
}
