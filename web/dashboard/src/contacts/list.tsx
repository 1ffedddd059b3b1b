import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Ellipsis, Filter as Funnel, Plus, Trash2, Users } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Filter } from '../api/types';
import { useCommand } from '../app/commands';
import { contactPlaces } from '../app/nav';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { useSettled } from '../lib/hooks';
import { useStore } from '../lib/store';
import { LoadProblem, Seal } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Menu } from '../ui/menu';
import { BulkBar, BulkProgress } from './bulk';
import { CreateContact } from './create';
import { ColumnChoice } from './list/column-choice';
import { chosenColumns, columnsOf } from './list/columns';
import { FilterBar } from './list/filter-bar';
import { ExportButton, ImportButton } from './list/in-and-out';
import { Nobody } from './list/nobody';
import { SearchBox } from './list/search-box';
import { ContactTable, TableSkeleton } from './list/table';
import {
  ChooseAll,
  outOf,
  pageOf,
  type Sort,
  SortChoice,
  targetOf,
  type View,
  ViewChoice,
  whomWords,
} from './views';

/** The list of people: everybody, or those of the segment in the address. */
export function ContactsPage() {
  const { segment } = useSearch({ from: '/shell/contacts' });
  return <List key={segment ?? ''} start={segment ? `segment:${segment}` : 'all'} />;
}

/** Everybody who wrote, was identified or was entered, newest first; found by name, address, phone or id. */
function List({ start }: { start: View }) {
  useTitle('Contacts');
  const mayWrite = useCan(may.writeContacts);
  const [text, setText] = useState('');
  const [isCreating, setCreating] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const q = useSettled(text.trim(), 200);
  const [view, setView] = useState<View>(start);
  const [sort, setSort] = useState<Sort>('newest');
  const [filter, setFilter] = useState<Filter | null>(null);
  const [isFiltering, setFiltering] = useState(false);
  const attributes = useQuery({ queryKey: keys.attributes, queryFn: ({ signal }) => api.attributes(signal) });
  const all = useMemo(() => columnsOf(attributes.data?.data ?? []), [attributes.data]);
  const columnIds = useStore(chosenColumns);
  const columns = useMemo(() => all.filter((c) => columnIds.includes(c.id)), [all, columnIds]);
  const isBin = view === 'bin';
  const isApart = view === 'restricted' || view === 'blocked'; // lists that no condition tells
  const list = useContacts(q, view, sort, filter);
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
    setFilter(null);
    setFiltering(false);
    clear();
  };
  const whom = filter ? { filter } : targetOf(view);
  useEscape(clear, chosen.size > 0);
  useCommand('search', () => field.current?.focus());
  useCommand('new-contact', () => setCreating(true), mayWrite);
  return (
    <div className="flex h-full flex-col">
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3 md:px-6">
        <h1 className="text-md font-semibold">{isBin ? 'Bin' : 'Contacts'}</h1>
        <span className="md:max-[1599px]:hidden">
          <Seal label="All sealed" />
        </span>
        <span className="ml-auto" />
        <ViewChoice view={view} onChange={look} />
        {view === 'all' && !q && !filter && <SortChoice sort={sort} onChange={setSort} />}
        <Button
          look="quiet"
          icon={isBin ? <Users size={15} /> : <Trash2 size={15} />}
          onPress={() => look(isBin ? 'all' : 'bin')}
        >
          <span className="max-[1599px]:sr-only">{isBin ? 'All contacts' : 'Bin'}</span>
        </Button>
        {view === 'all' && (
          <Button
            look="quiet"
            icon={<Funnel size={15} aria-hidden="true" />}
            aria-pressed={isFiltering}
            onPress={() => setFiltering(!isFiltering)}
          >
            <span className="max-md:sr-only">{filter ? 'Filtered' : 'Filter'}</span>
          </Button>
        )}
        <ColumnChoice all={all} chosen={columnIds} />
        <ImportButton />
        {!isBin && !isApart && !q && (
          <ExportButton target={outOf(view, filter)} whom={whomWords(view, filter)} />
        )}
        <Places />
        {mayWrite && (
          <Button onPress={() => setCreating(true)} icon={<Plus size={15} />}>
            <span>
              Add<span className="max-md:sr-only"> a contact</span>
            </span>
          </Button>
        )}
        {view === 'all' && !filter && (
          <SearchBox
            text={text}
            setText={(next) => {
              setText(next);
              clear();
            }}
            field={field}
            className="w-full min-[1400px]:w-64"
          />
        )}
      </header>
      {isFiltering && (
        <FilterBar
          filter={filter}
          onChange={(next) => {
            setFilter(next);
            setText('');
            clear();
          }}
          onClose={() => setFiltering(false)}
          onSaved={mayWrite ? (segment) => look(`segment:${segment.id}`) : undefined}
        />
      )}
      <div className="min-h-0 flex-1">
        {list.isPending ? (
          <TableSkeleton />
        ) : list.error ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : list.items.length === 0 ? (
          <Nobody
            q={q}
            view={view}
            isFiltered={filter !== null}
            onCreate={mayWrite ? () => setCreating(true) : undefined}
          />
        ) : (
          <ContactTable
            items={list.items}
            columns={columns}
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
          target={whole === null ? { contact_ids: [...chosen] } : whom}
          count={whole ?? chosen.size}
          isBin={isBin}
          onClear={clear}
          onBegun={(job) => {
            setJobId(job.id);
            clear();
          }}
          more={
            <>
              {whole === null && list.hasNextPage && q === '' && !isBin && !isApart && (
                <ChooseAll target={whom} onChoose={setWhole} />
              )}
              {!isBin && view !== 'restricted' && (
                <ExportButton
                  target={whole === null ? { contact_ids: [...chosen] } : outOf(view, filter)}
                  whom={
                    (whole ?? chosen.size) === 1
                      ? '1 person'
                      : `${(whole ?? chosen.size).toLocaleString('en')} people`
                  }
                  isInBar
                />
              )}
            </>
          }
        />
      )}
      {jobId && <BulkProgress key={jobId} id={jobId} onClose={() => setJobId(null)} />}
      {isCreating && <CreateContact onClose={() => setCreating(false)} />}
    </div>
  );
}

/** Escape, where no dialog or menu takes it. */
function useEscape(act: () => void, isEnabled: boolean): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (!isEnabled) return;
    const onKey = (e: KeyboardEvent) => {
      const isCovered = document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]');
      if (e.key === 'Escape' && !e.defaultPrevented && !isCovered) latest.current();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [isEnabled]);
}

/** The other places of the contacts, where there is no sidebar that lists them. */
function Places() {
  const navigate = useNavigate();
  return (
    <span className="lg:hidden">
      <Menu
        label="More of contacts"
        placement="bottom end"
        trigger={
          <IconButton label="More of contacts">
            <Ellipsis size={16} />
          </IconButton>
        }
        groups={[
          {
            id: 'places',
            items: contactPlaces
              .filter((p) => p.to !== '/contacts')
              .map((p) => ({ id: p.to, label: p.label, onAction: () => void navigate({ to: p.to }) })),
          },
        ]}
      />
    </span>
  );
}

function useContacts(q: string, view: View, sort: Sort, filter: Filter | null) {
  const result = useInfiniteQuery({
    queryKey: keys.contactList(q, view, filter ? JSON.stringify(filter) : sort),
    queryFn: ({ pageParam, signal }) =>
      filter
        ? api.filterContacts(filter, pageParam, signal)
        : q
          ? api.searchContacts(q, pageParam, signal)
          : pageOf(view, sort, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // While one types the last answer stays; the bin's people are never shown as the others.
    placeholderData: (old, query) => (query?.queryKey[2] === view && !filter ? old : undefined),
    gcTime: q ? 0 : 600_000,
  });
  const items = useMemo(() => {
    // Who is seen while one scrolls may come twice in the order of last seen.
    const all = new Map(result.data?.pages.flatMap((p) => p.data).map((c) => [c.id, c]));
    return [...all.values()];
  }, [result.data]);
  return { ...result, items };
}
