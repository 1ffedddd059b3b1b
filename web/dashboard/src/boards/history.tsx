import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { useOperators } from '../inbox/data';
import { fullTime, longAge } from '../lib/time';
import { Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { type Board, type Post, type PostEdit, useHistory } from './data';
import { authorName } from './parts';
import { dayText } from './words';

const labels: Record<string, string> = {
  status: 'Status',
  state: 'Seen by others',
  category: 'Category',
  tags: 'Tags',
  owner_id: 'Owner',
  estimated_on: 'Expected on',
};

/** What was changed of a post, when and by whom; asked for when it is opened. */
export function History({ board, post }: { board: Board; post: Post }) {
  const [isOpen, setOpen] = useState(false);
  const list = useHistory(post.id, isOpen);
  return (
    <section aria-label="What was changed">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="-ml-1 flex h-8 items-center gap-1 rounded-sm pr-2 text-sm font-semibold hover:bg-hover"
      >
        <ChevronRight
          size={15}
          aria-hidden="true"
          className={`text-ink-faint transition-transform ${isOpen ? 'rotate-90' : ''}`}
        />
        What was changed
      </button>
      {isOpen &&
        (list.isPending ? (
          <Skeleton className="mt-1 h-8 w-full" />
        ) : list.error ? (
          <p className="text-sm text-loss-text">{problemText(list.error)}</p>
        ) : list.items.length === 0 ? (
          <p className="text-sm text-ink-faint">Nothing yet.</p>
        ) : (
          <>
            <ol className="mt-1 space-y-3 border-l border-line pl-3">
              {list.items.map((edit) => (
                <Edit key={edit.id} board={board} edit={edit} />
              ))}
            </ol>
            {list.hasNextPage && (
              <Button
                size="sm"
                look="quiet"
                className="mt-2"
                busy={list.isFetchingNextPage}
                onPress={() => void list.fetchNextPage()}
              >
                Show more
              </Button>
            )}
          </>
        ))}
    </section>
  );
}

function Edit({ board, edit }: { board: Board; edit: PostEdit }) {
  const operators = useOperators();
  /** A value in the words of the screen. */
  const said = (field: string, value: string): string => {
    if (!value) return field === 'owner_id' ? 'nobody' : 'none';
    if (field === 'status') return board.statuses.find((s) => s.key === value)?.name ?? value;
    if (field === 'state') return value === 'published' ? 'yes' : 'no, it waits';
    if (field === 'owner_id') return operators.find((o) => o.id === value)?.name ?? 'a colleague';
    if (field === 'estimated_on') return dayText(value);
    return value;
  };
  return (
    <li className="text-sm">
      <p className="text-xs text-ink-faint">
        {authorName(edit.author)},{' '}
        <time dateTime={edit.created_at} title={fullTime(edit.created_at)}>
          {longAge(edit.created_at)}
        </time>
      </p>
      {Object.entries(edit.fields).map(([field, { was, now }]) => (
        <p key={field} className="wrap-anywhere">
          <span className="text-ink-soft">{labels[field] ?? field}:</span>{' '}
          <span className="text-ink-faint line-through">{said(field, was)}</span>{' '}
          <span className="sr-only">became</span>
          {said(field, now)}
        </p>
      ))}
      {edit.words && (
        <details>
          <summary className="w-fit cursor-default rounded-sm text-ink-soft">The words, as they were</summary>
          <div className="mt-1 rounded-sm bg-sunken px-2.5 py-2 text-ink-soft">
            <p className="font-medium wrap-anywhere">{edit.words.title}</p>
            {edit.words.body && <p className="mt-1 whitespace-pre-wrap wrap-anywhere">{edit.words.body}</p>}
          </div>
        </details>
      )}
    </li>
  );
}
