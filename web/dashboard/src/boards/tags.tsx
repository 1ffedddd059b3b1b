import { Plus, X } from 'lucide-react';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { Tag } from '../ui/bits';
import { type Board, type Post, usePostTags } from './data';

const most = 20;

interface TagsProps {
  board: Board;
  post: Post;
  mayWrite: boolean;
  onChange: (tags: string[]) => void;
}

/** The tags of a post; those in use on the board are suggested. */
export function Tags({ board, post, mayWrite, onChange }: TagsProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const known = usePostTags(board.id).data ?? [];
  const tags = post.tags;
  if (!mayWrite && !tags.length) return null;
  const add = () => {
    const words = text
      .split(',')
      .map((t) => t.trim().toLowerCase())
      .filter((t) => t && !tags.includes(t));
    setText('');
    if (words.length) onChange([...new Set([...tags, ...words])].slice(0, most));
  };
  const remove = (tag: string) => {
    onChange(tags.filter((t) => t !== tag));
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault();
      add();
    } else if (event.key === 'Backspace' && !text && tags.length) {
      onChange(tags.slice(0, -1));
    } else if (event.key === 'Escape' && text) {
      event.preventDefault();
      setText('');
    }
  };
  return (
    <div className="col-span-full min-w-0">
      <dt className="mb-1 text-xs text-ink-faint">Tags</dt>
      <dd className="flex flex-wrap items-center gap-1.5">
        {tags.map((tag) => (
          <Tag
            key={tag}
            onRemove={
              mayWrite && (
                <button
                  type="button"
                  aria-label={`Remove the tag ${tag}`}
                  onClick={() => remove(tag)}
                  className="-mr-0.5 rounded-sm hover:text-ink"
                >
                  <X size={12} aria-hidden="true" />
                </button>
              )
            }
          >
            {tag}
          </Tag>
        ))}
        {mayWrite && tags.length < most && (
          <span className="relative inline-flex items-center">
            <Plus size={12} aria-hidden="true" className="absolute left-1.5 text-ink-faint" />
            <input
              ref={field}
              aria-label="Add a tag"
              list={id}
              autoComplete="off"
              maxLength={50}
              placeholder="Tag"
              value={text}
              onChange={(e) => setText(e.target.value)}
              onKeyDown={onKey}
              onBlur={add}
              className="h-6 w-24 rounded-sm border border-dashed border-line-field bg-transparent pr-1 pl-5.5 text-xs focus:border-accent"
            />
            <datalist id={id}>
              {known
                .filter((k) => !tags.includes(k.tag))
                .map((k) => (
                  <option key={k.tag} value={k.tag} />
                ))}
            </datalist>
          </span>
        )}
      </dd>
    </div>
  );
}
