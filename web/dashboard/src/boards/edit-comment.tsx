import { useRef, useState } from 'react';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { type Comment, usePatchComment } from './data';
import { useMentions } from './mentions';
import { toBody, toDraft } from './naming';

/** A comment's words, to be changed. Whoever it names stands in it by name. */
export function EditComment({ comment: c, onClose }: { comment: Comment; onClose: () => void }) {
  const [first] = useState(() => {
    const book = new Map<string, string>();
    return { book, text: toDraft(c, book) };
  });
  const [text, setText] = useState(first.text);
  const field = useRef<HTMLTextAreaElement>(null);
  const isTeam = c.author.type !== 'contact';
  const names = useMentions(c.post_id, field, text, setText);
  const patch = usePatchComment(c.post_id, onClose);
  const save = () => {
    if (!text.trim() || patch.isPending) return;
    const book = new Map([...first.book, ...names.book]);
    patch.mutate({ id: c.id, change: { body: isTeam ? toBody(text, book) : text } });
  };
  return (
    <form
      className="space-y-2"
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
      onKeyDown={(e) => {
        if (e.defaultPrevented || e.key !== 'Escape') return;
        e.preventDefault();
        onClose();
      }}
    >
      <div className="relative">
        {isTeam && names.picker}
        <textarea
          ref={field}
          autoFocus
          aria-label="Comment"
          rows={3}
          maxLength={10_000}
          value={text}
          onChange={(e) => {
            setText(e.target.value);
            if (isTeam) names.look(e.target.value, e.target.selectionStart);
          }}
          onKeyDown={(e) => {
            if (isTeam && names.onKey(e)) return;
            if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) save();
          }}
          onBlur={names.leave}
          {...(isTeam && names.props)}
          className="block field-sizing-content max-h-80 min-h-20 w-full resize-none rounded-md border border-line-field bg-surface px-3 py-2 text-base outline-none focus:border-accent"
        />
      </div>
      {patch.error ? (
        <p role="alert" className="text-sm text-loss-text">
          {problemText(patch.error)}
        </p>
      ) : null}
      <div className="flex gap-2">
        <Button size="sm" look="primary" type="submit" busy={patch.isPending} isDisabled={!text.trim()}>
          Save
        </Button>
        <Button size="sm" onPress={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
