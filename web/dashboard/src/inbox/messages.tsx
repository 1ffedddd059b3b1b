import { ArrowDown, CircleAlert, RotateCw, StickyNote, Trash2 } from 'lucide-react';
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { problemText } from '../api/problem';
import type { Author, Conversation, Message } from '../api/types';
import { useSession } from '../app/session';
import type { Agreed } from '../boards/agreed';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { clock, dayName, fullTime, micros } from '../lib/time';
import { typing } from '../live/state';
import { Avatar, LoadProblem, Skeleton } from '../ui/bits';
import { deliver, useMessages } from './data';
import { Linked } from './linked';
import { CameOf, type Come, canBeMade, MakeButton, useMaking } from './making';
import {
  continues,
  itemAuthor,
  itemTime,
  itemType,
  outbox,
  settle,
  type ThreadItem,
  threadItems,
} from './outbox';
import { Marked, RedactByKey, SensitiveLine } from './sensitive';

/**
 * What was said. The scroller is laid out from its foot (flex-direction: column-reverse), so that the newest stands
 * at the bottom without any script, and older pages grow at the top without moving what is being read.
 */
export function Messages({ id, conversation }: { id: string; conversation: Conversation | undefined }) {
  const list = useMessages(id);
  const waiting = useStore(outbox);
  const items = useMemo(
    () =>
      threadItems(
        list.items,
        waiting.filter((o) => o.conversationId === id),
      ),
    [list.items, waiting, id],
  );
  const box = useRef<HTMLDivElement>(null);
  const making = useMaking(conversation, list.items);
  const place = useHoldPlace(box, items.at(-1));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onScroll = () => {
    place.onScroll();
    const el = box.current;
    if (!el || !hasNextPage || isFetchingNextPage) return;
    const fromTop = el.scrollHeight - el.clientHeight + el.scrollTop;
    if (fromTop < 600) void fetchNextPage();
  };
  // A first page that does not fill the screen cannot be scrolled: ask for the next at once.
  useEffect(() => {
    const el = box.current;
    if (el && hasNextPage && !isFetchingNextPage && el.scrollHeight <= el.clientHeight) void fetchNextPage();
  });

  if (list.error && !list.items.length) {
    return (
      <div className="min-h-0 flex-1">
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      </div>
    );
  }
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={box}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        role="log"
        aria-label="Messages"
        className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto -outline-offset-2! [overflow-anchor:none]"
      >
        <div className="mx-auto w-full max-w-3xl px-4 pt-4 pb-3 md:px-6">
          {list.isPending ? (
            <ThreadSkeleton />
          ) : (
            <Lines
              items={items}
              conversation={conversation}
              hasOlder={hasNextPage}
              come={making.come}
              onMake={making.onMake}
            />
          )}
          <TypingLine id={id} />
          <RedactByKey messages={list.items} />
          {making.dialog}
        </div>
        <div className="flex-1" />
      </div>
      {place.hasNew && (
        <button
          type="button"
          onClick={place.toEnd}
          className="rise absolute bottom-3 left-1/2 flex h-8 -translate-x-1/2 items-center gap-1.5 rounded-full bg-accent px-3.5 text-sm font-medium text-on-accent shadow-float hover:bg-accent-hover"
        >
          New message
          <ArrowDown size={14} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}

/** Further up than this, one is reading, not following. */
const following = -40;

/**
 * Keeps the lines under the eye in place when something new arrives below while one reads further up, and tells that
 * it did. What one sends oneself is always brought into view.
 */
function useHoldPlace(box: React.RefObject<HTMLDivElement | null>, last: ThreadItem | undefined) {
  const before = useRef({ key: last?.key, height: 0 });
  const [hasNew, setHasNew] = useState(false);
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    const isNew = before.current.key !== undefined && before.current.key !== last?.key;
    const grown = el.scrollHeight - before.current.height;
    before.current = { key: last?.key, height: el.scrollHeight };
    if (!isNew || el.scrollTop >= following) return;
    if (last?.kind === 'outgoing') {
      el.scrollTop = 0;
      return;
    }
    el.scrollTop -= Math.max(0, grown);
    setHasNew(true);
  });
  return {
    hasNew,
    onScroll: () => {
      if (hasNew && (box.current?.scrollTop ?? 0) >= following) setHasNew(false);
    },
    toEnd: () => {
      if (box.current) box.current.scrollTop = 0;
      setHasNew(false);
    },
  };
}

interface LinesProps {
  items: ThreadItem[];
  conversation: Conversation | undefined;
  hasOlder: boolean;
  come: Come;
  onMake: ((message: Message) => void) | undefined;
}

const Lines = memo(function Lines({ items, conversation, hasOlder, come, onMake }: LinesProps) {
  const lastOwn = items.findLast((i) => i.kind === 'stored' && i.message.type === 'reply' && isOurs(i));
  return (
    <>
      {hasOlder ? (
        <p className="pb-4 text-center text-xs text-ink-faint">Loading earlier messages…</p>
      ) : (
        <p className="pb-2 text-center text-xs text-ink-faint">The conversation starts here.</p>
      )}
      <ol>
        {items.map((item, i) => {
          const before = items[i - 1];
          const isNewDay =
            !before || new Date(itemTime(before)).toDateString() !== new Date(itemTime(item)).toDateString();
          return (
            <li key={item.key}>
              {isNewDay && <DayLine iso={itemTime(item)} />}
              <Line
                item={item}
                isContinued={!isNewDay && continues(before, item)}
                conversation={conversation}
                came={item.kind === 'stored' ? come.get(item.message.id) : undefined}
                onMake={onMake}
              />
              {item === lastOwn && conversation && (
                <Receipt item={item} readAt={conversation.contact_read_at} />
              )}
            </li>
          );
        })}
      </ol>
    </>
  );
});

const isOurs = (item: ThreadItem) => {
  const { type } = itemAuthor(item);
  return type === 'operator' || type === 'api_key';
};

function DayLine({ iso }: { iso: string }) {
  return (
    <div className="flex items-center gap-3 py-4">
      <span className="h-px flex-1 bg-line" />
      <time dateTime={iso.slice(0, 10)} className="text-xs font-medium text-ink-faint">
        {dayName(iso)}
      </time>
      <span className="h-px flex-1 bg-line" />
    </div>
  );
}

/** Whose line it is: the person as they are called now, a colleague, or the customer's own code. */
function authorName(author: Author, conversation: Conversation | undefined): string {
  if (author.type === 'contact') return displayName(conversation?.contact ?? author);
  return author.name || (author.type === 'api_key' ? 'Your website' : 'A former colleague');
}

interface LineProps {
  item: ThreadItem;
  isContinued: boolean;
  conversation: Conversation | undefined;
  /** What came of it on the boards. */
  came: Agreed[] | undefined;
  onMake: ((message: Message) => void) | undefined;
}

function Line({ item, isContinued, conversation, came, onMake }: LineProps) {
  const author = itemAuthor(item);
  if (author.type === 'system') {
    return (
      <p className="py-2 text-center text-xs text-ink-faint">{item.kind === 'stored' && item.message.body}</p>
    );
  }
  const name = authorName(author, conversation);
  if (itemType(item) === 'note') return <Note item={item} name={name} isContinued={isContinued} />;
  const isOwn = author.type !== 'contact';
  return (
    <div className={`group flex gap-2.5 ${isContinued ? 'mt-1' : 'mt-4'} ${isOwn ? 'flex-row-reverse' : ''}`}>
      <span className="w-6 shrink-0">
        {!isContinued && (
          <Avatar
            name={name}
            size="sm"
            kind={isOwn ? 'operator' : 'contact'}
            picture={isOwn ? undefined : conversation?.contact.avatar_url}
          />
        )}
      </span>
      <div className={`flex max-w-[78%] flex-col ${isOwn ? 'items-end' : 'items-start'}`}>
        {!isContinued && <Byline name={name} iso={itemTime(item)} />}
        <div className="flex items-center gap-1">
          <div
            title={fullTime(itemTime(item))}
            className={`rounded-md px-3 py-2 text-base wrap-anywhere whitespace-pre-wrap ${isOwn ? 'border border-line-strong bg-raised' : 'bg-sunken'} ${item.kind === 'outgoing' ? 'text-ink-faint' : ''}`}
          >
            <Body item={item} />
          </div>
          {onMake && item.kind === 'stored' && canBeMade(item.message) && (
            <MakeButton message={item.message} onMake={onMake} />
          )}
        </div>
        {came && <CameOf all={came} />}
        {item.kind === 'outgoing' && <Fate item={item} />}
        {item.kind === 'stored' && <SensitiveLine message={item.message} />}
      </div>
    </div>
  );
}

function Byline({ name, iso }: { name: string; iso: string }) {
  const { operator } = useSession();
  return (
    <p className="mb-1 text-xs text-ink-faint">
      <span className="font-medium text-ink-soft">{name === operator.name ? 'You' : name}</span>{' '}
      <time dateTime={iso} className="tabular-nums">
        {clock(iso)}
      </time>
    </p>
  );
}

function Note({ item, name, isContinued }: { item: ThreadItem; name: string; isContinued: boolean }) {
  return (
    <div className={`ml-8.5 ${isContinued ? 'mt-1' : 'mt-4'}`}>
      <div className="rounded-md border border-time-line bg-time-soft px-3 py-2">
        {!isContinued && (
          <p className="mb-0.5 flex items-center gap-1.5 text-xs text-time-text">
            <StickyNote size={12} aria-hidden="true" />
            <span className="min-w-0 truncate">
              Note by <span className="font-medium">{name}</span>
            </span>
            <time dateTime={itemTime(item)} className="ml-auto tabular-nums">
              {clock(itemTime(item))}
            </time>
          </p>
        )}
        <div className="wrap-anywhere whitespace-pre-wrap">
          <Body item={item} />
        </div>
      </div>
      {item.kind === 'outgoing' && <Fate item={item} />}
      {item.kind === 'stored' && <SensitiveLine message={item.message} />}
    </div>
  );
}

function Body({ item }: { item: ThreadItem }) {
  if (item.kind === 'outgoing') return <Linked text={item.outgoing.body} />;
  if (item.message.restricted)
    return <span className="text-ink-faint italic">Restricted: stored, not shown</span>;
  if (!item.message.body && item.message.redacted_at)
    return <span className="text-ink-faint italic">Removed</span>;
  return <Marked message={item.message} />;
}

/** What became of a message on its way. */
function Fate({ item }: { item: Extract<ThreadItem, { kind: 'outgoing' }> }) {
  const { outgoing } = item;
  if (outgoing.state === 'sending') return <p className="mt-1 text-xs text-ink-faint">Sending…</p>;
  const link = 'inline-flex items-center gap-1 rounded-sm font-medium underline underline-offset-2';
  return (
    <p role="alert" className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-loss-text">
      <span className="inline-flex items-center gap-1">
        <CircleAlert size={12} aria-hidden="true" />
        Not sent. {outgoing.problem}
      </span>
      <button type="button" className={link} onClick={() => void deliver(outgoing)}>
        <RotateCw size={11} aria-hidden="true" />
        Try again
      </button>
      <button type="button" className={link} onClick={() => settle(outgoing.clientId)}>
        <Trash2 size={11} aria-hidden="true" />
        Discard
      </button>
    </p>
  );
}

function Receipt({ item, readAt }: { item: ThreadItem; readAt: string | null }) {
  const isRead = readAt !== null && micros(readAt) >= micros(itemTime(item));
  return (
    <p className="mt-1 pr-8.5 text-right text-xs text-ink-faint tabular-nums">
      {isRead ? <span title={fullTime(readAt)}>Read {clock(readAt)}</span> : 'Sent'}
    </p>
  );
}

function TypingLine({ id }: { id: string }) {
  const typist = useStore(typing.store, (all) => all[id]);
  const [kept, setKept] = useState(typist);
  if (typist && typist !== kept) setKept(typist);
  const who = kept?.type === 'contact' ? displayName(kept) : kept?.name;
  return (
    <p
      aria-live="polite"
      className={`mt-2 flex h-5 items-center gap-2 text-xs text-ink-faint transition-opacity ${typist ? '' : 'opacity-0'}`}
    >
      {kept && (
        <>
          <span className="dots flex gap-1" aria-hidden="true">
            {[0, 1, 2].map((i) => (
              <span key={i} className="size-1.5 rounded-full bg-ink-faint" />
            ))}
          </span>
          {typist && `${who} is typing`}
        </>
      )}
    </p>
  );
}

function ThreadSkeleton() {
  return (
    <div role="status" aria-label="Loading messages" className="space-y-5 pt-6">
      {['w-3/5', 'w-2/5', 'w-1/2'].map((width, i) => (
        <div key={width} className={`flex gap-2.5 ${i === 1 ? 'flex-row-reverse' : ''}`}>
          <Skeleton className="size-6 rounded-full!" />
          <Skeleton className={`h-14 ${width}`} />
        </div>
      ))}
    </div>
  );
}
