import { Link } from '@tanstack/react-router';
import { AlarmClock, CornerUpLeft, Flag } from 'lucide-react';
import type { Conversation } from '../api/types';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { fullTime, shortAge, untilTime } from '../lib/time';
import { online, typing } from '../live/state';
import { Avatar } from '../ui/bits';

export const rowHeight = 76;

interface RowProps {
  conversation: Conversation;
  isOpen: boolean;
  assignee: string | null;
  isMine: boolean;
  now: Date;
}

/** One conversation in the list: who, the last words, when, and whether it waits for an answer. */
export function Row({ conversation: c, isOpen, assignee, isMine, now }: RowProps) {
  const name = displayName(c.contact);
  const isOnline = useStore(online, (all) => all.has(c.contact_id));
  const typist = useStore(typing.store, (all) => all[c.id]);
  const isUnread = c.unread_count > 0;
  const time = c.activity_at;
  return (
    <Link
      to="/inbox/$conversationId"
      params={{ conversationId: c.id }}
      search={(old) => old}
      preload={false}
      data-row={c.id}
      aria-current={isOpen ? 'true' : undefined}
      className={`mx-2 flex h-[72px] gap-3 rounded-md px-2.5 py-2.5 transition-colors -outline-offset-2! ${isOpen ? 'bg-pressed' : 'hover:bg-hover'}`}
    >
      <Avatar name={name} picture={c.contact.avatar_url} isOnline={isOnline} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className={`truncate ${isUnread ? 'font-semibold' : 'font-medium'}`}>{name}</span>
          <time
            dateTime={time}
            title={fullTime(time)}
            className="ml-auto shrink-0 text-xs text-ink-faint tabular-nums"
          >
            {shortAge(time, now)}
          </time>
        </span>
        <span className="mt-0.5 flex items-start gap-2">
          <span className={`min-w-0 flex-1 truncate text-sm ${isUnread ? 'text-ink' : 'text-ink-soft'}`}>
            {typist?.type === 'contact' ? (
              <span className="text-ink-soft italic">typing…</span>
            ) : (
              <Preview c={c} />
            )}
          </span>
          {isUnread && (
            <span className="inline-flex h-5 min-w-5 shrink-0 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent tabular-nums">
              {c.unread_count > 99 ? '99+' : c.unread_count}
              <span className="sr-only"> unread</span>
            </span>
          )}
        </span>
        <Marks c={c} assignee={assignee} isMine={isMine} now={now} />
      </span>
    </Link>
  );
}

function Preview({ c }: { c: Conversation }) {
  if (c.restricted) return <span className="text-time-text">Restricted: stored, not shown</span>;
  const last = c.last_message;
  if (!last) return <>{c.subject || 'No messages yet'}</>;
  return (
    <>
      {last.author_type !== 'contact' && (
        <CornerUpLeft size={12} className="mr-1 -mt-0.5 inline text-ink-faint" aria-label="Answered:" />
      )}
      {last.preview}
    </>
  );
}

function Marks({
  c,
  assignee,
  isMine,
  now,
}: {
  c: Conversation;
  assignee: string | null;
  isMine: boolean;
  now: Date;
}) {
  const isUrgent = c.priority === 'urgent' || c.priority === 'high';
  return (
    <span className="mt-px flex h-4 items-center gap-2.5 overflow-hidden text-xs text-ink-faint">
      {isUrgent && (
        <span className="flex items-center gap-1 text-time-text">
          <Flag size={11} aria-hidden="true" />
          {c.priority === 'urgent' ? 'Urgent' : 'High'}
        </span>
      )}
      {c.state === 'snoozed' && c.snoozed_until && (
        <span className="flex items-center gap-1 text-time-text">
          <AlarmClock size={11} aria-hidden="true" />
          {untilTime(c.snoozed_until, now)}
        </span>
      )}
      <span className={`truncate ${isMine ? 'text-accent-text' : ''}`}>
        {isMine ? 'Yours' : (assignee ?? 'Unassigned')}
      </span>
      {c.tags.slice(0, 2).map((tag) => (
        <span key={tag} className="truncate">
          #{tag}
        </span>
      ))}
    </span>
  );
}
