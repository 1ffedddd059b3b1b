import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import {
  Activity,
  Ban,
  CheckCircle2,
  FileInput,
  GitMerge,
  Lightbulb,
  Lock,
  MessageCircle,
  MessageSquareText,
  Pencil,
  Scale,
  Search,
  ShieldCheck,
  StickyNote,
  ThumbsUp,
} from 'lucide-react';
import { type ComponentType, useEffect, useRef, useState } from 'react';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import { problemText } from '../../api/problem';
import type { TimelineEntry } from '../../api/types';
import { may } from '../../app/permissions';
import { allows } from '../../app/runtime';
import { useSession } from '../../app/session';
import { clock, dayName, fullTime } from '../../lib/time';
import { LoadProblem, Skeleton } from '../../ui/bits';
import { useWho } from '../rights';
import type { PartProps } from './parts';

type Icon = ComponentType<{ size?: number; strokeWidth?: number; className?: string }>;

/** The filters, in the order in which they stand; each is one or more kinds of the API. */
const filters: { id: string; label: string; kinds: string[]; permission: string | null }[] = [
  { id: 'all', label: 'All', kinds: [], permission: null },
  { id: 'event', label: 'Activity', kinds: ['event'], permission: 'events:read' },
  { id: 'note', label: 'Notes', kinds: ['note'], permission: null },
  { id: 'conversation', label: 'Conversations', kinds: ['conversation'], permission: may.readInbox },
  {
    id: 'rights',
    label: 'Privacy',
    kinds: ['consent', 'objection', 'restriction', 'hold', 'request'],
    permission: may.readPrivacy,
  },
  { id: 'board', label: 'Boards', kinds: ['post', 'vote', 'comment'], permission: 'boards:read' },
  {
    id: 'edit',
    label: 'Edits',
    kinds: ['edit', 'merge', 'import', 'enrichment'],
    permission: may.readPrivacy,
  },
];

const icons: Record<string, Icon> = {
  event: Activity,
  conversation: MessageCircle,
  consent: CheckCircle2,
  objection: Ban,
  restriction: Lock,
  hold: Scale,
  request: ShieldCheck,
  edit: Pencil,
  merge: GitMerge,
  note: StickyNote,
  import: FileInput,
  post: Lightbulb,
  vote: ThumbsUp,
  comment: MessageSquareText,
  enrichment: Search,
};

const verbs: Record<string, string> = {
  'conversation started': 'A conversation began',
  'conversation resolved': 'A conversation was resolved',
  'conversation reopened': 'A conversation was opened again',
  'restriction restrict': 'The use of their data was restricted',
  'restriction lift': 'The restriction was lifted',
  'hold set': 'Their data is kept for a legal claim',
  'note written': 'A note was written',
  'import came': 'Came in with an import',
  'import changed': 'Changed by an import',
  'merge merged': 'Joined with another contact',
  'post posted': 'Wrote a post on a board',
  'vote voted': 'Voted for a post',
  'comment commented': 'Commented on a post',
  'merge undone': 'Joined with another contact, undone since',
};

const lookedUp: Record<string, string> = {
  found: 'Found at',
  refreshed: 'Looked up anew at',
  forgotten: 'Forgot what was found at',
};

const spoken = (text: string) => text.replaceAll('_', ' ');

function titleOf({ kind, what, ref_id }: TimelineEntry): string {
  const purpose = spoken(ref_id ?? '');
  if (kind === 'event') return what;
  if (kind === 'consent') return what === 'grant' ? `Agreed to ${purpose}` : `No longer agrees to ${purpose}`;
  if (kind === 'objection') {
    return what === 'object' ? `Objected to ${purpose}` : `Took back the objection to ${purpose}`;
  }
  if (kind === 'request') return `Asked for ${spoken(what)}`;
  if (kind === 'enrichment') {
    const [did = '', ...source] = what.split(' ');
    return `${lookedUp[did] ?? spoken(did)} ${source.join(' ') || 'a public source'}`;
  }
  if (kind === 'edit') return `Changed: ${what.split(' ').map(spoken).join(', ')}`;
  return verbs[`${kind} ${what}`] ?? spoken(`${kind} ${what}`);
}

const said = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));

/** What happened with the person, newest first; it grows by itself while it is on screen. */
export default function TimelineTab({ contact }: PartProps) {
  const { permissions } = useSession();
  const [filter, setFilter] = useState('all');
  const kinds = filters.find((f) => f.id === filter)?.kinds ?? [];
  const list = useInfiniteQuery({
    queryKey: keys.timeline(contact.id, filter),
    queryFn: ({ pageParam, signal }) => api.timeline(contact.id, kinds, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const more = list.hasNextPage && !list.isFetchingNextPage ? () => void list.fetchNextPage() : undefined;
  const entries = list.data?.pages.flatMap((p) => p.data) ?? [];
  return (
    <>
      <fieldset className="mb-4 flex flex-wrap gap-1.5">
        <legend className="sr-only">What to show</legend>
        {filters
          .filter((f) => !f.permission || allows(permissions, f.permission))
          .map((f) => (
            <button
              key={f.id}
              type="button"
              aria-pressed={filter === f.id}
              onClick={() => setFilter(f.id)}
              className="rounded-full border border-line px-3 py-1 text-xs text-ink-soft hover:bg-hover aria-pressed:border-accent aria-pressed:font-medium aria-pressed:text-ink"
            >
              {f.label}
            </button>
          ))}
      </fieldset>
      {list.error ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton className="h-10" />
      ) : entries.length === 0 ? (
        <p className="text-sm text-ink-faint">
          Nothing happened yet. What your product tells of this person stands here.
        </p>
      ) : (
        <Days entries={entries} />
      )}
      <More onSeen={more} />
      {list.isFetchingNextPage && <Skeleton className="mt-3 h-8" />}
    </>
  );
}

function Days({ entries }: { entries: TimelineEntry[] }) {
  const days: { day: string; entries: TimelineEntry[] }[] = [];
  for (const entry of entries) {
    const day = dayName(entry.at);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days.map(({ day, entries: some }) => (
    <section key={day} aria-label={day} className="mb-5">
      <h3 className="mb-2 text-xs font-medium text-ink-faint first-letter:uppercase">{day}</h3>
      <ol className="ml-3 space-y-3 border-l border-line pl-5">
        {some.map((e) => (
          <Happened key={e.id} entry={e} />
        ))}
      </ol>
    </section>
  ));
}

function Happened({ entry: e }: { entry: TimelineEntry }) {
  const who = useWho();
  const Shape = icons[e.kind] ?? Activity;
  const title = titleOf(e);
  const properties = Object.entries(e.data ?? {});
  return (
    <li className="relative text-sm">
      <span
        aria-hidden
        className="absolute top-0 -left-8 flex size-6 items-center justify-center rounded-full border border-line bg-surface text-ink-soft"
      >
        <Shape size={13} strokeWidth={1.8} />
      </span>
      <div className="flex items-baseline gap-3">
        <span className="min-w-0 flex-1 break-words">
          {e.kind === 'conversation' && e.ref_id ? (
            <Link
              to="/inbox/$conversationId"
              params={{ conversationId: e.ref_id }}
              search={{}}
              preload={false}
              className="underline decoration-line underline-offset-2 hover:decoration-current"
            >
              {title}
            </Link>
          ) : (
            title
          )}
          {e.actor && e.actor.type !== 'contact' && (
            <span className="text-ink-faint"> by {who(e.actor)}</span>
          )}
        </span>
        <time dateTime={e.at} title={fullTime(e.at)} className="shrink-0 text-xs text-ink-faint tabular-nums">
          {clock(e.at)}
        </time>
      </div>
      {(e.kind === 'note' || e.kind === 'comment') && typeof e.data?.body === 'string' && (
        <p dir="auto" className="mt-0.5 line-clamp-3 text-ink-soft break-words whitespace-pre-wrap">
          {e.data.body}
        </p>
      )}
      {e.kind !== 'note' && e.kind !== 'comment' && properties.length > 0 && (
        <dl className="mt-0.5 flex flex-wrap gap-x-4 text-xs text-ink-soft">
          {properties.map(([name, value]) => (
            <div key={name} className="flex min-w-0 gap-1.5">
              <dt className="text-ink-faint">{spoken(name)}</dt>
              <dd className="min-w-0 break-words">{said(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

/** Asks for the next page once the end of the list comes into sight. */
function More({ onSeen }: { onSeen: (() => void) | undefined }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!mark.current || !onSeen) return;
    const watch = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && onSeen(), {
      rootMargin: '200px',
    });
    watch.observe(mark.current);
    return () => watch.disconnect();
  }, [onSeen]);
  return <div ref={mark} />;
}
