import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, MessageSquareOff, PanelRight } from 'lucide-react';
import { useState } from 'react';
import { isStatus, problemText } from '../api/problem';
import type { Conversation } from '../api/types';
import { useCommand } from '../app/commands';
import { ConnectionStrip } from '../app/connection';
import { may } from '../app/permissions';
import { preferences, setDetails } from '../app/preferences';
import { useCan } from '../app/session';
import { useMedia } from '../lib/hooks';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { fullTime } from '../lib/time';
import { online } from '../live/state';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { IconButton } from '../ui/button';
import { ThreadActions } from './actions';
import { Composer } from './composer';
import { useConversation, useReadOnView } from './data';
import { Messages } from './messages';
import { ContactPanel } from './panel';

/** An open conversation: what was said, what can be done, and who it is. */
export function Thread({ id }: { id: string }) {
  const { data: c, error, refetch } = useConversation(id);
  const mayWrite = useCan(may.writeInbox);
  const details = useDetails();
  useReadOnView(c);
  useCommand('details', details.toggle);
  if (isStatus(error, 404)) return <Gone />;
  if (error && !c) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  return (
    <div className="relative flex h-full">
      <section aria-label="Conversation" className="flex h-full min-w-0 flex-1 flex-col">
        <ThreadHead c={c} onDetails={details.toggle} isDetailsOpen={details.isOpen} />
        <ConnectionStrip />
        {c?.restricted && <RestrictedStrip conversation={c} />}
        <Messages key={id} id={id} conversation={c} />
        {mayWrite && !c?.restricted && <Composer key={`write-${id}`} id={id} conversation={c} />}
      </section>
      {c && details.isOpen && (
        <aside
          aria-label="Person"
          className={
            details.isWide
              ? 'h-full w-76 shrink-0 border-l border-line'
              : 'rise absolute inset-y-0 right-0 z-20 w-full border-l border-line bg-surface shadow-float md:w-80'
          }
        >
          <ContactPanel conversation={c} onClose={details.toggle} isWide={details.isWide} />
        </aside>
      )}
    </div>
  );
}

/** Why nothing can be read or answered here, and where to change that. */
function RestrictedStrip({ conversation: c }: { conversation: Conversation }) {
  return (
    <p className="shrink-0 border-b border-time-line bg-time-soft px-4 py-2 text-sm text-time-text">
      {displayName(c.contact)} is restricted
      {c.contact.restricted_at && ` since ${fullTime(c.contact.restricted_at)}`}: what they write is stored
      and not shown, and nobody can answer.{' '}
      <Link
        to="/contacts/$contactId"
        params={{ contactId: c.contact_id }}
        className="font-medium underline underline-offset-2"
      >
        See why, or lift it
      </Link>
    </p>
  );
}

/** On a wide screen the panel is a lasting choice; on a narrow one it opens over the thread. */
function useDetails() {
  const isWide = useMedia('(min-width: 1320px)');
  const { details } = useStore(preferences);
  const [isOver, setOver] = useState(false);
  return {
    isWide,
    isOpen: isWide ? details : isOver,
    toggle: () => (isWide ? setDetails(!details) : setOver(!isOver)),
  };
}

interface HeadProps {
  c: Conversation | undefined;
  onDetails: () => void;
  isDetailsOpen: boolean;
}

function ThreadHead({ c, onDetails, isDetailsOpen }: HeadProps) {
  const navigate = useNavigate();
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-3 md:px-4">
      <span className="md:hidden">
        <IconButton
          label="Back to the list"
          onPress={() => void navigate({ to: '/inbox', search: (old) => old })}
        >
          <ArrowLeft size={18} />
        </IconButton>
      </span>
      <div className="min-w-0 flex-1">{c ? <Who c={c} /> : <Skeleton className="h-4 w-32" />}</div>
      {c && !c.restricted && <ThreadActions c={c} />}
      <IconButton
        label={isDetailsOpen ? 'Hide the person' : 'Show the person'}
        onPress={onDetails}
        className={isDetailsOpen ? 'text-ink!' : ''}
      >
        <PanelRight size={17} />
      </IconButton>
    </header>
  );
}

const stateWord = { open: 'Open', pending: 'Pending', snoozed: 'Snoozed', resolved: 'Resolved' } as const;

function Who({ c }: { c: Conversation }) {
  const isOnline = useStore(online, (all) => all.has(c.contact_id));
  return (
    <>
      <h2 className="truncate text-md leading-5 font-semibold">{displayName(c.contact)}</h2>
      <p className="flex items-center gap-1.5 truncate text-xs text-ink-faint">
        {isOnline && <span className="size-1.5 shrink-0 rounded-full bg-accent" aria-hidden="true" />}
        {isOnline ? 'On the website now' : stateWord[c.state]}
        {c.subject && <span className="truncate">· {c.subject}</span>}
      </p>
    </>
  );
}

function Gone() {
  return (
    <div className="flex h-full items-center justify-center">
      <Empty icon={<MessageSquareOff size={22} strokeWidth={1.6} />} title="This conversation is gone">
        The person was erased, or it belongs to another workspace. Nothing of it is kept here.
      </Empty>
    </div>
  );
}
