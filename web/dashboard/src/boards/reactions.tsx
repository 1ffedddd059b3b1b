import { SmilePlus, Users } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import { Avatar, LoadProblem, Skeleton } from '../ui/bits';
import { IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Menu } from '../ui/menu';
import type { Comment } from './data';
import { authorName } from './parts';
import { reactions, useReact, useReactions } from './talk';

/** What people show below a comment: a click adds mine or takes it back. */
export function Reactions({ comment: c, mayReact }: { comment: Comment; mayReact: boolean }) {
  const react = useReact(c.post_id);
  const [isAsking, setAsking] = useState(false);
  if (!c.reactions.length) return null;
  return (
    <div role="group" aria-label="Reactions" className="mt-1.5 flex flex-wrap items-center gap-1.5">
      {reactions.map(({ id, face, label }) => {
        const shown = c.reactions.find((r) => r.reaction === id);
        if (!shown) return null;
        return (
          <button
            key={id}
            type="button"
            disabled={!mayReact}
            aria-pressed={shown.mine}
            aria-label={`${label}: ${shown.count}`}
            title={label}
            onClick={() => react.mutate({ id: c.id, reaction: id, isOn: !shown.mine })}
            className="inline-flex h-7 items-center gap-1.5 rounded-full border border-line bg-surface px-2 text-sm text-ink-soft tabular-nums enabled:hover:border-line-strong aria-pressed:border-accent-line aria-pressed:bg-accent-soft aria-pressed:text-accent-text"
          >
            <span aria-hidden="true">{face}</span>
            {shown.count}
          </button>
        );
      })}
      <IconButton label="Who reacted" className="size-7!" onPress={() => setAsking(true)}>
        <Users size={14} />
      </IconButton>
      {isAsking && <Who comment={c} onClose={() => setAsking(false)} />}
    </div>
  );
}

interface PickProps {
  comment: Comment;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** The button that offers all of them. */
export function PickReaction({ comment: c, isOpen, onOpenChange }: PickProps) {
  const react = useReact(c.post_id);
  return (
    <Menu
      label="React"
      placement="bottom end"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <IconButton label={`React to ${authorName(c.author)}`} className="size-7!">
          <SmilePlus size={14} />
        </IconButton>
      }
      groups={[
        {
          id: 'react',
          items: reactions.map(({ id, face, label }) => {
            const isMine = c.reactions.some((r) => r.reaction === id && r.mine);
            return {
              id,
              label,
              icon: face,
              isChosen: isMine,
              onAction: () => react.mutate({ id: c.id, reaction: id, isOn: !isMine }),
            };
          }),
        },
      ]}
    />
  );
}

function Who({ comment, onClose }: { comment: Comment; onClose: () => void }) {
  const { data, error, refetch } = useReactions(comment.id);
  return (
    <Dialog title="Who reacted" isOpen onClose={onClose}>
      {error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-8 w-full" />
      ) : (
        <ul className="space-y-1.5">
          {data.data.map((r) => (
            <li key={r.reaction + r.author.id} className="flex items-center gap-2.5 text-sm">
              <Avatar
                name={authorName(r.author)}
                size="sm"
                kind={r.author.type === 'contact' ? 'contact' : 'operator'}
              />
              <span className="min-w-0 flex-1 truncate">{authorName(r.author)}</span>
              <span
                role="img"
                aria-label={reactions.find((one) => one.id === r.reaction)?.label ?? r.reaction}
              >
                {reactions.find((one) => one.id === r.reaction)?.face}
              </span>
            </li>
          ))}
        </ul>
      )}
      {data?.next_cursor && <p className="mt-2 text-xs text-ink-faint">and more</p>}
    </Dialog>
  );
}
