import { SendHorizontal, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { problemText } from '../api/problem';
import { useCommand } from '../app/commands';
import { Button, IconButton } from '../ui/button';
import { type Comment, type Post, useAddComment } from './data';
import { useMentions } from './mentions';
import { authorName } from './parts';

/** Who is to read what is written: everybody, everybody as the answer that stands on top, or colleagues. */
export type Mode = 'public' | 'official' | 'internal';

interface Props {
  post: Post;
  mode: Mode;
  setMode: (mode: Mode) => void;
  answered: Comment | null;
  onLeave: () => void;
  hasOfficial: boolean;
}

const modes: { id: Mode; label: string; place: string; act: string }[] = [
  { id: 'public', label: 'Comment', place: 'Everybody who sees the post reads this', act: 'Comment' },
  {
    id: 'official',
    label: 'Official answer',
    place: 'The answer that stands on top, for everybody',
    act: 'Answer',
  },
  { id: 'internal', label: 'Internal note', place: 'Only colleagues read this', act: 'Add note' },
];

const looks: Record<Mode, string> = {
  public: 'border-line-field bg-surface focus-within:border-accent',
  official: 'border-accent-line bg-accent-soft focus-within:border-accent',
  internal: 'border-time-line bg-time-soft focus-within:border-time',
};

/** Where the team writes. Who will read it shows in its colour, its words and its button. */
export function Composer({ post, mode, setMode, answered, onLeave, hasOfficial }: Props) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const now = modes.find((m) => m.id === mode) ?? modes[0];
  const add = useAddComment(post.id, () => {
    setText('');
    onLeave();
  });
  const names = useMentions(post.id, field, text, setText);
  useEffect(() => {
    if (answered) field.current?.focus();
  }, [answered]);
  const goTo = (next: Mode) => {
    setMode(next);
    if (answered && (next === 'official' || (next === 'public' && answered.internal))) onLeave();
    field.current?.focus();
  };
  useCommand('reply', () => goTo('public'));
  useCommand('note', () => goTo('internal'));
  const submit = () => {
    if (!text.trim() || add.isPending) return;
    add.mutate({
      body: names.body(),
      ...(answered && { parent_id: answered.id }),
      ...(mode === 'internal' && { internal: true }),
      ...(mode === 'official' && { official: true }),
    });
  };
  const onKey = (event: KeyboardEvent) => {
    if (names.onKey(event)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      field.current?.blur();
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
  };
  return (
    <div className={`relative rounded-md border transition-colors ${looks[mode]}`}>
      <div role="group" aria-label="What to write" className="flex flex-wrap gap-1 px-2 pt-2">
        {modes.map((m) => (
          <button
            key={m.id}
            type="button"
            aria-pressed={mode === m.id}
            onClick={() => goTo(m.id)}
            className="rounded-sm px-2 py-1 text-sm font-medium text-ink-faint hover:text-ink aria-pressed:bg-pressed aria-pressed:text-ink"
          >
            {m.label}
          </button>
        ))}
      </div>
      {answered && (
        <p className="mx-3.5 mt-2 flex items-center gap-2 text-sm text-ink-soft">
          <span className="truncate">Answers {authorName(answered.author)}</span>
          <IconButton label="Answer nobody" className="size-6!" onPress={onLeave}>
            <X size={13} />
          </IconButton>
        </p>
      )}
      {names.picker}
      <textarea
        ref={field}
        rows={2}
        maxLength={10_000}
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          names.look(e.target.value, e.target.selectionStart);
        }}
        onKeyDown={onKey}
        onBlur={names.leave}
        {...names.props}
        aria-label={now?.label}
        placeholder={now?.place}
        className="block field-sizing-content max-h-60 min-h-16 w-full resize-none bg-transparent px-3.5 py-2 text-base outline-none!"
      />
      <div className="flex items-center justify-between gap-3 px-2 pb-2">
        <p className="px-1.5 text-xs text-ink-faint">
          {add.error ? (
            <span role="alert" className="text-loss-text">
              {problemText(add.error)}
            </span>
          ) : mode === 'official' && hasOfficial ? (
            'Takes the place of the official answer that is there.'
          ) : (
            <span className="max-md:hidden">Markdown. @ names people. Ctrl Enter sends.</span>
          )}
        </p>
        <Button
          look={mode === 'internal' ? 'plain' : 'primary'}
          isDisabled={!text.trim()}
          busy={add.isPending}
          onPress={submit}
          icon={<SendHorizontal size={14} />}
        >
          {now?.act}
        </Button>
      </div>
    </div>
  );
}
