import { Link } from '@tanstack/react-router';
import { Ban, Check, Hourglass, X } from 'lucide-react';
import type { Board } from '../boards/data';
import { authorName } from '../boards/parts';
import { Markdown } from '../boards/prose';
import { fullTime, longAge } from '../lib/time';
import { Button } from '../ui/button';
import type { Decision, PendingItem } from './data';
import { reasons } from './words';

interface ItemProps {
  item: PendingItem;
  board: Board | undefined;
  isChosen: boolean;
  /** undefined: the operator may decide nothing. */
  onChoose: (() => void) | undefined;
  onDecide: (decision: Decision) => void;
  mayBlock: boolean;
  mayReadContacts: boolean;
  /** Why a decision about it was not carried out. */
  failure: string | undefined;
}

/** One thing that waits: what it says, who wrote it, why it waits, and what can be done. */
export function Item({
  item,
  board,
  isChosen,
  onChoose,
  onDecide,
  mayBlock,
  mayReadContacts,
  failure,
}: ItemProps) {
  const isPost = item.kind === 'post';
  const title = item.restricted ? 'Veiled: its author is restricted' : item.title;
  const name = isPost ? title : `a comment on ${title}`;
  const mayDecide = onChoose && !item.restricted;
  return (
    <article
      data-item={item.id}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: j and k go from one to the next, and a, r and b decide about the one with the focus.
      tabIndex={0}
      aria-label={name}
      className={`scroll-my-16 rounded-md border bg-surface transition-colors focus-visible:border-accent ${isChosen ? 'border-accent-line' : 'border-line'}`}
    >
      <div className="flex gap-3 px-4 pt-3.5 pb-3">
        {onChoose && (
          <input
            type="checkbox"
            aria-label={`Choose ${name}`}
            checked={isChosen}
            disabled={item.restricted}
            onChange={onChoose}
            className="mt-1 size-4 shrink-0 accent-accent"
          />
        )}
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-baseline gap-x-2 text-xs text-ink-faint">
            <span className="font-medium text-ink-soft">{isPost ? 'Post' : 'Comment'}</span>
            {board && (
              <span>
                on <bdi>{board.name}</bdi>
              </span>
            )}
            <time dateTime={item.created_at} title={fullTime(item.created_at)}>
              {longAge(item.created_at)}
            </time>
          </p>
          <h2 className={`mt-0.5 wrap-anywhere ${isPost ? 'font-semibold' : 'text-sm text-ink-soft'}`}>
            {!isPost && 'On '}
            <Link
              to="/boards/$boardId/posts/$postId"
              params={{ boardId: item.board_id, postId: item.post_id }}
              search={{}}
              preload={false}
              className="underline-offset-2 hover:underline"
            >
              {title}
            </Link>
          </h2>
          {item.body && !item.restricted && (
            <div className="mt-1.5 max-h-48 overflow-y-auto text-sm">
              <Markdown text={item.body} />
            </div>
          )}
          <p className="mt-2 text-sm text-ink-soft">
            {item.author.type === 'contact' && mayReadContacts ? (
              <Link
                to="/contacts/$contactId"
                params={{ contactId: item.author.id }}
                preload={false}
                className="font-medium underline-offset-2 hover:underline"
              >
                {authorName(item.author)}
              </Link>
            ) : (
              authorName(item.author)
            )}
          </p>
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2">
        <p className="flex min-w-52 flex-1 items-center gap-2 text-sm text-time-text">
          <Hourglass size={14} className="shrink-0" aria-hidden="true" />
          {item.restricted
            ? 'Nothing can be decided while the use of their data is restricted.'
            : reasons[item.held_for]}
        </p>
        {mayDecide && (
          <div className="ml-auto flex gap-1.5">
            {mayBlock && item.author.type === 'contact' && (
              <Button size="sm" look="quiet" icon={<Ban size={14} />} onPress={() => onDecide('block')}>
                Block
              </Button>
            )}
            <Button size="sm" look="quiet" icon={<X size={14} />} onPress={() => onDecide('reject')}>
              Reject
            </Button>
            <Button size="sm" icon={<Check size={14} />} onPress={() => onDecide('approve')}>
              Approve
            </Button>
          </div>
        )}
      </div>
      {failure && (
        <p role="alert" className="border-t border-loss-line bg-loss-soft px-4 py-2 text-sm text-loss-text">
          {failure}
        </p>
      )}
    </article>
  );
}
