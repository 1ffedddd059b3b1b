import { Link } from '@tanstack/react-router';
import { BadgeCheck, Check, CornerDownRight, Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, shortAge } from '../lib/time';
import { Avatar } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextArea } from '../ui/field';
import { Menu } from '../ui/menu';
import { type Comment, type Post, usePatchComment, useRemoveComment } from './data';
import { authorName } from './parts';
import { Markdown } from './prose';

export interface Thread {
  comment: Comment;
  answers: Thread[];
}

interface Props {
  thread: Thread;
  post: Post;
  mayWrite: boolean;
  onAnswer: ((comment: Comment) => void) | undefined;
  depth?: number;
}

/** A comment with the answers to it. Deep ones are no longer moved in: a phone has no room for it. */
export function CommentItem({ thread, post, mayWrite, onAnswer, depth = 0 }: Props) {
  const { comment: c, answers } = thread;
  return (
    <>
      <One comment={c} post={post} mayWrite={mayWrite} onAnswer={onAnswer} />
      {answers.length > 0 && (
        <ul className={depth < 3 ? 'border-l-2 border-line pl-3 sm:ml-3' : ''}>
          {answers.map((t) => (
            <li key={t.comment.id}>
              <CommentItem thread={t} post={post} mayWrite={mayWrite} onAnswer={onAnswer} depth={depth + 1} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function One({
  comment: c,
  post,
  mayWrite,
  onAnswer,
}: Omit<Props, 'thread' | 'depth'> & { comment: Comment }) {
  const [isEditing, setEditing] = useState(false);
  const patch = usePatchComment(post.id);
  const isTeam = c.author.type !== 'contact' && c.author.type !== 'anonymous';
  if (c.removed) return <p className="py-2.5 text-sm text-ink-faint italic">Removed</p>;
  return (
    <article aria-label={`Comment by ${authorName(c.author)}`} className="py-2.5">
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
        <span className="ml-auto flex items-center">
          {onAnswer && (
            <IconButton
              label={`Answer ${authorName(c.author)}`}
              className="size-7!"
              onPress={() => onAnswer(c)}
            >
              <CornerDownRight size={14} />
            </IconButton>
          )}
          {mayWrite && <More comment={c} post={post} onEdit={() => setEditing(true)} />}
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
        <Edit comment={c} post={post} onClose={() => setEditing(false)} />
      ) : c.body ? (
        <Markdown text={c.body} />
      ) : (
        <p className="text-sm text-ink-faint italic">Stored, not shown: the author is restricted.</p>
      )}
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

function More({ comment: c, post, onEdit }: { comment: Comment; post: Post; onEdit: () => void }) {
  const [isRemoving, setRemoving] = useState(false);
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
                ? [{ id: 'edit', label: 'Edit', icon: <Pencil size={15} />, onAction: onEdit }]
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

function Edit({ comment: c, post, onClose }: { comment: Comment; post: Post; onClose: () => void }) {
  const [text, setText] = useState(c.body);
  const patch = usePatchComment(post.id, onClose);
  return (
    <form
      className="space-y-2"
      onSubmit={(e) => {
        e.preventDefault();
        patch.mutate({ id: c.id, change: { body: text } });
      }}
      onKeyDown={(e) => {
        if (e.key !== 'Escape') return;
        e.preventDefault();
        onClose();
      }}
    >
      <TextArea
        label="Comment"
        hideLabel
        autoFocus
        maxLength={10_000}
        value={text}
        onChange={(e) => setText(e.target.value)}
        problem={patch.error ? problemText(patch.error) : undefined}
      />
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
