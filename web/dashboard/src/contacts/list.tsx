import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Filter, Plus, Search, SearchX, Trash2, Users } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { useCommand } from '../app/commands';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { useMinute, useSettled } from '../lib/hooks';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { fullTime, shortAge } from '../lib/time';
import { online } from '../live/state';
import { Avatar, Empty, LoadProblem, Seal, Skeleton, Verified } from '../ui/bits';
import { Button } from '../ui/button';
import { BulkBar, BulkProgress } from './bulk';
import { CreateContact } from './create';
import { ChooseAll, pageOf, targetOf, type View, ViewChoice } from './views';

const rowHeight = 56;
const columns =
  'grid grid-cols-[1.25rem_minmax(0,1fr)_auto] md:grid-cols-[1.25rem_minmax(0,1.2fr)_minmax(0,1.2fr)_minmax(0,1fr)_7rem_4rem] items-center gap-4';

/** Everybody who wrote, was identified or was entered, newest first; found by name, address, phone or id. */
export function ContactsPage() {
  useTitle('Contacts');
  const mayWrite = useCan(may.writeContacts);
  const [text, setText] = useState('');
  const [isCreating, setCreating] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const q = useSettled(text.trim(), 200);
  const [view, setView] = useState<View>('all');
  const isBin = view === 'bin';
  const list = useContacts(q, view);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [whole, setWhole] = useState<number | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const clear = () => {
    setChosen(new Set());
    setWhole(null);
  };
  const look = (next: View) => {
    setView(next);
    setText('');
    clear();
  };
  useCommand('search', () => field.current?.focus());
  useCommand('new-contact', () => setCreating(true), mayWrite);
  return (
    <div className="flex h-full flex-col">
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3 md:px-6">
        <h1 className="text-md font-semibold">{isBin ? 'Bin' : 'Contacts'}</h1>
        <Seal label="All sealed" />
        <span className="ml-auto" />
        <Link
          to="/contacts/segments"
          className="inline-flex h-8 items-center gap-2 rounded-md px-3 text-sm font-medium text-ink-soft transition-colors hover:bg-hover hover:text-ink lg:hidden"
        >
          <Filter size={15} aria-hidden="true" />
          <span className="max-md:sr-only">Segments</span>
        </Link>
        <ViewChoice view={view} onChange={look} />
        <Button
          look="quiet"
          icon={isBin ? <Users size={15} /> : <Trash2 size={15} />}
          onPress={() => look(isBin ? 'all' : 'bin')}
        >
          <span className="max-md:sr-only">{isBin ? 'All contacts' : 'Bin'}</span>
        </Button>
        {mayWrite && (
          <Button onPress={() => setCreating(true)} icon={<Plus size={15} />}>
            <span>
              Add<span className="max-md:sr-only"> a contact</span>
            </span>
          </Button>
        )}
        {view === 'all' && (
          <SearchBox
            text={text}
            setText={(next) => {
              setText(next);
              clear();
            }}
            field={field}
            className="w-full md:w-72"
          />
        )}
      </header>
      <div className="min-h-0 flex-1">
        {list.isPending ? (
          <TableSkeleton />
        ) : list.error ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : list.items.length === 0 ? (
          <Nobody q={q} view={view} onCreate={mayWrite ? () => setCreating(true) : undefined} />
        ) : (
          <ContactTable
            items={list.items}
            hasMore={list.hasNextPage}
            chosen={mayWrite ? chosen : undefined}
            onChoose={(ids) => {
              setChosen(ids);
              setWhole(null);
            }}
            onEnd={() => {
              if (!list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        )}
      </div>
      {chosen.size > 0 && (
        <BulkBar
          target={whole === null ? { contact_ids: [...chosen] } : targetOf(view)}
          count={whole ?? chosen.size}
          isBin={isBin}
          onClear={clear}
          onBegun={(job) => {
            setJobId(job.id);
            clear();
          }}
          more={
            whole === null && list.hasNextPage && q === '' && !isBin && view !== 'restricted' ? (
              <ChooseAll target={targetOf(view)} onChoose={setWhole} />
            ) : undefined
          }
        />
      )}
      {jobId && <BulkProgress key={jobId} id={jobId} onClose={() => setJobId(null)} />}
      {isCreating && <CreateContact onClose={() => setCreating(false)} />}
    </div>
  );
}

interface SearchBoxProps {
  text: string;
  setText: (text: string) => void;
  field: React.RefObject<HTMLInputElement | null>;
  className: string;
}

function SearchBox({ text, setText, field, className }: SearchBoxProps) {
  return (
    <div className={`relative ${className}`}>
      <Search
        size={15}
        className="absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-faint"
        aria-hidden="true"
      />
      <input
        ref={field}
        type="search"
        aria-label="Find a contact"
        value={text}
        onChange={(e) => setText(e.target.value)}
        placeholder="Name, whole e-mail or phone number"
        className="h-8 w-full rounded-md border border-line-field bg-surface pr-3 pl-8 text-sm max-md:h-9"
      />
    </div>
  );
}

function useContacts(q: string, view: View) {
  const result = useInfiniteQuery({
    queryKey: keys.contactList(q, view),
    queryFn: ({ pageParam, signal }) =>
      q ? api.searchContacts(q, pageParam, signal) : pageOf(view, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // While one types the last answer stays; the bin's people are never shown as the others.
    placeholderData: (old, query) => (query?.queryKey[2] === view ? old : undefined),
    gcTime: q ? 0 : 600_000,
  });
  return { ...result, items: useMemo(() => result.data?.pages.flatMap((p) => p.data) ?? [], [result.data]) };
}

interface TableProps {
  items: Contact[];
  hasMore: boolean;
  onEnd: () => void;
  /** Who is chosen; undefined where nobody may be. */
  chosen: ReadonlySet<string> | undefined;
  onChoose: (ids: ReadonlySet<string>) => void;
}

function ContactTable({ items, hasMore, onEnd, chosen, onChoose }: TableProps) {
  const box = useRef<HTMLDivElement>(null);
  const now = useMinute();
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    getItemKey: (i) => items[i]?.id ?? i,
  });
  const shown = virtual.getVirtualItems();
  const reachedEnd = hasMore && (shown.at(-1)?.index ?? 0) >= items.length - 8;
  useEffect(() => {
    if (reachedEnd) onEnd();
  }, [reachedEnd, onEnd]);
  useWalk(items, box, (i) => virtual.scrollToIndex(i));
  const last = useRef(-1);
  const choose = (at: number, isRange: boolean) => {
    const next = new Set(chosen);
    const isOn = !next.has(items[at]?.id ?? '');
    const from = isRange && last.current >= 0 ? Math.min(last.current, at) : at;
    const to = isRange && last.current >= 0 ? Math.max(last.current, at) : at;
    for (const c of items.slice(from, to + 1)) {
      if (isOn) next.add(c.id);
      else next.delete(c.id);
    }
    last.current = at;
    onChoose(next);
  };
  useCommand(
    'select',
    () => {
      const row = document.activeElement?.closest('[role="row"]')?.querySelector<HTMLElement>('[data-row]');
      const at = items.findIndex((c) => c.id === row?.dataset['row']);
      if (at >= 0) choose(at, false);
    },
    chosen !== undefined,
  );
  return (
    <div
      role="table"
      aria-label="Contacts"
      aria-rowcount={hasMore ? -1 : items.length}
      className="flex h-full flex-col"
    >
      <div role="rowgroup" className="border-b border-line px-4 max-md:sr-only md:px-6">
        <div role="row" className={`${columns} h-8 px-2 text-xs text-ink-faint`}>
          <span role="columnheader">
            {chosen && (
              <input
                type="checkbox"
                aria-label="Choose everybody who is loaded"
                checked={chosen.size > 0 && chosen.size === items.length}
                onChange={(e) => onChoose(new Set(e.target.checked ? items.map((c) => c.id) : []))}
                className="accent-accent"
              />
            )}
          </span>
          <span role="columnheader">Name</span>
          <span role="columnheader">E-mail</span>
          <span role="columnheader">Tags</span>
          <span role="columnheader">Identity</span>
          <span role="columnheader" className="text-right">
            Seen
          </span>
        </div>
      </div>
      <div ref={box} role="rowgroup" className="min-h-0 flex-1 overflow-y-auto px-2 py-1 md:px-6">
        <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
          {shown.map((v) => {
            const c = items[v.index];
            return (
              c && (
                <div
                  key={v.key}
                  role="row"
                  aria-rowindex={v.index + 1}
                  className="absolute inset-x-0 top-0"
                  style={{ height: v.size, transform: `translateY(${v.start}px)` }}
                >
                  <ContactRow
                    c={c}
                    now={now}
                    isChosen={chosen?.has(c.id)}
                    onChoose={(isRange) => choose(v.index, isRange)}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  c: Contact;
  now: Date;
  isChosen: boolean | undefined;
  onChoose: (isRange: boolean) => void;
}

function ContactRow({ c, now, isChosen, onChoose }: RowProps) {
  const name = displayName(c);
  const isOnline = useStore(online, (all) => all.has(c.id));
  const seen = c.last_seen_at ?? c.created_at;
  return (
    <div
      role="presentation"
      className={`${columns} relative h-[52px] rounded-md px-2 transition-colors hover:bg-hover ${isChosen ? 'bg-hover' : ''}`}
    >
      <span role="cell" className="relative z-10 flex">
        {isChosen !== undefined && (
          <input
            type="checkbox"
            aria-label={`Choose ${name}`}
            checked={isChosen}
            onChange={() => undefined}
            onClick={(e) => onChoose(e.shiftKey)}
            className="size-4 accent-accent"
          />
        )}
      </span>
      <span role="cell" className="flex min-w-0 items-center gap-3">
        <Avatar name={name} picture={c.avatar_url} isOnline={isOnline} />
        <span className="min-w-0">
          <Link
            to="/contacts/$contactId"
            params={{ contactId: c.id }}
            preload={false}
            data-row={c.id}
            className="block truncate font-medium after:absolute after:inset-0 after:rounded-md"
          >
            {name}
          </Link>
          <span className="block truncate text-sm text-ink-faint md:hidden">
            {c.restricted_at ? <span className="text-time-text">Restricted</span> : c.email}
          </span>
        </span>
      </span>
      <span role="cell" className="truncate text-sm text-ink-soft max-md:hidden">
        {c.email}
      </span>
      <span role="cell" className="flex min-w-0 gap-1 overflow-hidden max-md:hidden">
        {c.tags.slice(0, 3).map((tag) => (
          <bdi
            key={tag}
            className="max-w-32 truncate rounded-full bg-sunken px-2 py-0.5 text-xs text-ink-soft"
          >
            {tag}
          </bdi>
        ))}
        {c.tags.length > 3 && <span className="py-0.5 text-xs text-ink-faint">+{c.tags.length - 3}</span>}
      </span>
      <span role="cell" className="truncate max-md:hidden">
        {c.restricted_at ? (
          <span className="text-xs text-time-text">Restricted</span>
        ) : (
          <Verified verified={c.verified} hasEmail={c.email !== ''} />
        )}
      </span>
      <span role="cell" className="text-right text-sm text-ink-faint tabular-nums" title={fullTime(seen)}>
        {shortAge(seen, now)}
      </span>
    </div>
  );
}

/** j and k move the focus through the rows; Enter opens, since a row is a link. */
function useWalk(
  items: Contact[],
  box: React.RefObject<HTMLDivElement | null>,
  reveal: (i: number) => void,
): void {
  const walk = (step: 1 | -1) => {
    const focusedId = (document.activeElement as HTMLElement | null)?.dataset['row'];
    const at = items.findIndex((c) => c.id === focusedId);
    const to = Math.max(0, Math.min(items.length - 1, at + step));
    reveal(to);
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`[data-row="${items[to]?.id}"]`)?.focus(),
    );
  };
  useCommand('next', () => walk(1));
  useCommand('previous', () => walk(-1));
}

function TableSkeleton() {
  return (
    <div role="status" aria-label="Loading contacts" className="px-4 pt-9 md:px-8">
      {[0, 1, 2, 3, 4, 5, 6].map((i) => (
        <div key={i} className="flex items-center gap-3" style={{ height: rowHeight }}>
          <Skeleton className="size-9 rounded-full!" />
          <Skeleton className="h-3 w-40" />
          <Skeleton className="ml-auto h-3 w-16" />
        </div>
      ))}
    </div>
  );
}

interface NobodyProps {
  q: string;
  view: View;
  onCreate: (() => void) | undefined;
}

function Nobody({ q, view, onCreate }: NobodyProps) {
  if (view === 'bin') {
    return (
      <Empty icon={<Trash2 size={22} strokeWidth={1.6} />} title="The bin is empty">
        Whom you move here is out of sight at once, can be brought back for 30 days, and is erased after that.
      </Empty>
    );
  }
  if (q) {
    return (
      <Empty icon={<SearchX size={22} strokeWidth={1.6} />} title={`Nobody is found by “${q}”`}>
        Names are found by their first letters; e-mail addresses and phone numbers when they are whole, since
        they are kept sealed.
      </Empty>
    );
  }
  if (view !== 'all') {
    return (
      <Empty icon={<Users size={22} strokeWidth={1.6} />} title="Nobody is in this list">
        {view === 'restricted' ? 'Nobody’s data is restricted.' : 'People appear here as soon as they fit.'}
      </Empty>
    );
  }
  return (
    <Empty
      icon={<Users size={22} strokeWidth={1.6} />}
      title="Nobody is here yet"
      action={onCreate && <Button onPress={onCreate}>Add a contact</Button>}
    >
      People appear by themselves when they write to you, or when your website identifies them. Just looking
      at a page stores nothing.
    </Empty>
  );
}
