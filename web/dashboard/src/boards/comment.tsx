import { Link } from '@tanstack/react-router';
import { BadgeCheck, Check, CornerDownRight, Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, shortAge } from '../lib/time';
import { Avatar } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Menu } from '../ui/menu';
import { type Comment, type Post, usePatchComment, useRemoveComment } from './data';
import { EditComment } from './edit-comment';
import { readable } from './naming';
import { authorName } from './parts';
import { Markdown } from './prose';
import { PickReaction, Reactions } from './reactions';
import type { Thread } from './threads';

interface Props {
  thread: Thread;
  post: Post;
  mayWrite: boolean;
  onAnswer: ((comment: Comment) => void) | undefined;
}

/** A comment with the answers to it. */
export function CommentItem({ thread, post, mayWrite, onAnswer }: Props) {
  const { comment: c, answers, to } = thread;
  return (
    <>
      <One comment={c} to={to} post={post} mayWrite={mayWrite} onAnswer={onAnswer} />
      {answers.length > 0 && (
        <ul className="border-l-2 border-line pl-3 sm:ml-3">
          {answers.map((t) => (
            <li key={t.comment.id}>
              <CommentItem thread={t} post={post} mayWrite={mayWrite} onAnswer={onAnswer} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function One({
  comment: c,
  to,
  post,
  mayWrite,
  onAnswer,
}: Omit<Props, 'thread'> & { comment: Comment; to: Comment | undefined }) {
  const [isEditing, setEditing] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const [isReacting, setReacting] = useState(false);
  const article = useRef<HTMLElement>(null);
  const patch = usePatchComment(post.id);
  const isTeam = c.author.type !== 'contact' && c.author.type !== 'anonymous';
  if (c.removed) return <p className="py-2.5 text-sm text-ink-faint italic">Removed</p>;
  const acts = new Map<string, () => void>();
  if (mayWrite && c.body) acts.set('e', () => setEditing(true));
  if (mayWrite) acts.set('Delete', () => setRemoving(true)).set('+', () => setReacting(true));
  if (onAnswer) acts.set('r', () => onAnswer(c));
  const close = () => {
    setEditing(false);
    article.current?.focus();
  };
  return (
    <article
      ref={article}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys are those of the menu, for who goes through the talk by keyboard.
      tabIndex={0}
      aria-label={`Comment by ${authorName(c.author)}`}
      aria-keyshortcuts={[...acts.keys()].join(' ') || undefined}
      onKeyDown={(event) => {
        const act = event.target === article.current && !hasModifier(event) && acts.get(event.key);
        if (!act) return;
        event.preventDefault();
        act();
      }}
      className="rounded-sm py-2.5"
    >
      <header className="mb-1 flex h-7 items-center gap-2 text-sm">
        <Avatar name={authorName(c.author)} size="sm" kind={isTeam ? 'operator' : 'contact'} />
        <AuthorName comment={c} />
        {isTeam && (
          <span className="rounded-sm border border-line bg-sunken px-1 text-xs text-ink-soft">Team</span>
        )}
        <time
          dateTime={c.created_at}
          title={fullTime(c.created_at)}
          className="shrink-0 text-xs text-ink-faint tabular-nums"
        >
          {shortAge(c.created_at)}
        </time>
        {c.edited_at && (
          <span className="text-xs text-ink-faint" title={fullTime(c.edited_at)}>
            edited
          </span>
        )}
        {to && <span className="truncate text-xs text-ink-faint">answers {authorName(to.author)}</span>}
        <span className="ml-auto flex items-center">
          {mayWrite && <PickReaction comment={c} isOpen={isReacting} onOpenChange={setReacting} />}
          {onAnswer && (
            <IconButton
              label={`Answer ${authorName(c.author)}`}
              className="size-7!"
              onPress={() => onAnswer(c)}
            >
              <CornerDownRight size={14} />
            </IconButton>
          )}
          {mayWrite && (
            <More
              comment={c}
              post={post}
              onEdit={() => setEditing(true)}
              isRemoving={isRemoving}
              setRemoving={setRemoving}
            />
          )}
        </span>
      </header>
      {c.state === 'pending' && (
        <p className="mb-1.5 flex items-center gap-3 text-sm text-time-text">
          Waits for approval.
          {mayWrite && (
            <Button
              size="sm"
              look="primary"
              icon={<Check size={14} />}
              busy={patch.isPending}
              onPress={() => patch.mutate({ id: c.id, change: { state: 'published' } })}
            >
              Approve
            </Button>
          )}
        </p>
      )}
      {isEditing ? (
        <EditComment comment={c} onClose={close} />
      ) : c.body ? (
        <Markdown text={readable(c)} />
      ) : (
        <p className="text-sm text-ink-faint italic">Stored, not shown: the author is restricted.</p>
      )}
      <Reactions comment={c} mayReact={mayWrite} />
    </article>
  );
}

function AuthorName({ comment: c }: { comment: Comment }) {
  const mayRead = useCan(may.readContacts);
  const name = authorName(c.author);
  if (c.author.type !== 'contact' || !mayRead) return <span className="truncate font-medium">{name}</span>;
  return (
    <Link
      to="/contacts/$contactId"
      params={{ contactId: c.author.id }}
      preload={false}
      className="truncate font-medium underline-offset-2 hover:underline"
    >
      {name}
    </Link>
  );
}

const hasModifier = (e: KeyboardEvent) => e.ctrlKey || e.metaKey || e.altKey;

interface MoreProps {
  comment: Comment;
  post: Post;
  onEdit: () => void;
  isRemoving: boolean;
  setRemoving: (is: boolean) => void;
}

function More({ comment: c, post, onEdit, isRemoving, setRemoving }: MoreProps) {
  const patch = usePatchComment(post.id);
  const remove = useRemoveComment(post.id, () => setRemoving(false));
  const isTeam = c.author.type === 'operator' || c.author.type === 'api_key';
  return (
    <>
      <Menu
        label="Comment"
        placement="bottom end"
        trigger={
          <IconButton label={`More for the comment by ${authorName(c.author)}`} className="size-7!">
            <Ellipsis size={15} />
          </IconButton>
        }
        groups={[
          {
            id: 'change',
            items: [
              ...(isTeam && !c.internal
                ? [
                    {
                      id: 'official',
                      label: c.official ? 'No longer the official answer' : 'Make it the official answer',
                      icon: <BadgeCheck size={15} />,
                      onAction: () => patch.mutate({ id: c.id, change: { official: !c.official } }),
                    },
                  ]
                : []),
              ...(c.body
                ? [{ id: 'edit', label: 'Edit', icon: <Pencil size={15} />, shortcut: 'E', onAction: onEdit }]
                : []),
            ],
          },
          {
            id: 'end',
            items: [
              {
                id: 'remove',
                label: 'Remove…',
                icon: <Trash2 size={15} />,
                shortcut: 'Del',
                isLoss: true,
                onAction: () => setRemoving(true),
              },
            ],
          },
        ]}
      />
      {isRemoving && (
        <Dialog
          title="Remove this comment?"
          isOpen
          isAlert
          onClose={() => setRemoving(false)}
          footer={
            <>
              <Button onPress={() => setRemoving(false)}>Keep</Button>
              <Button look="loss" busy={remove.isPending} onPress={() => remove.mutate(c.id)}>
                Remove
              </Button>
            </>
          }
        >
          {remove.error && (
            <p role="alert" className="mb-2 text-sm text-loss-text">
              {problemText(remove.error)}
            </p>
          )}
          <p className="text-ink-soft">Its words go for good. Answers to it stay.</p>
        </Dialog>
      )}
    </>
  );
}
