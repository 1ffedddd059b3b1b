import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef } from 'react';
import { useCommand } from '../app/commands';
import { useMinute } from '../lib/hooks';
import { fullTime, shortAge } from '../lib/time';
import { Skeleton } from '../ui/bits';
import type { Company } from './data';
import { CompanyMark } from './mark';
import { people } from './words';

const rowHeight = 56;
const grid =
  'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-4 md:grid-cols-[minmax(12rem,1.4fr)_minmax(8rem,1fr)_5rem_6rem]';

interface TableProps {
  items: Company[];
  hasMore: boolean;
  onEnd: () => void;
}

/** The companies, as many rows as are on screen. */
export function CompanyTable({ items, hasMore, onEnd }: TableProps) {
  const box = useRef<HTMLDivElement>(null);
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
  return (
    <div
      role="table"
      aria-label="Companies"
      aria-rowcount={hasMore ? -1 : items.length}
      className="flex h-full flex-col"
    >
      <div role="rowgroup" className="border-b border-line px-4 max-md:sr-only md:px-6">
        <div role="row" className={`${grid} h-8 px-2 text-xs text-ink-faint`}>
          <span role="columnheader">Name</span>
          <span role="columnheader">Domain</span>
          <span role="columnheader" className="text-right">
            People
          </span>
          <span role="columnheader" className="text-right">
            Last active
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
                  <Row company={c} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Row({ company: c }: { company: Company }) {
  const now = useMinute();
  const [domain, ...others] = c.domains;
  return (
    <div
      role="presentation"
      className={`${grid} relative h-[52px] rounded-md px-2 transition-colors hover:bg-hover`}
    >
      <span role="cell" className="flex min-w-0 items-center gap-3">
        <CompanyMark />
        <span className="min-w-0">
          <Link
            to="/contacts/companies/$companyId"
            params={{ companyId: c.id }}
            preload={false}
            data-row={c.id}
            className="block truncate font-medium after:absolute after:inset-0 after:rounded-md"
          >
            <bdi>{c.name}</bdi>
          </Link>
          <span className="block truncate text-sm text-ink-faint md:hidden">{domain}</span>
        </span>
      </span>
      <span role="cell" className="flex min-w-0 gap-1.5 text-sm text-ink-soft max-md:hidden">
        <span className="truncate">{domain}</span>
        {others.length > 0 && <span className="shrink-0 text-ink-faint">+{others.length}</span>}
      </span>
      <span role="cell" className="text-right text-sm text-ink-soft tabular-nums">
        <span className="max-md:hidden">{c.people.toLocaleString('en')}</span>
        <span className="md:hidden">{people(c.people)}</span>
      </span>
      <span role="cell" className="text-right text-sm text-ink-faint tabular-nums max-md:hidden">
        {c.last_active_at ? (
          <span title={fullTime(c.last_active_at)}>{shortAge(c.last_active_at, now)}</span>
        ) : (
          'Never'
        )}
      </span>
    </div>
  );
}

/** j and k move the focus through the rows; Enter opens, since a row is a link. */
function useWalk(items: Company[], box: RefObject<HTMLDivElement | null>, reveal: (i: number) => void): void {
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

/** The list before it is there. */
export function TableSkeleton() {
  return (
    <div role="status" aria-label="Loading companies" className="px-4 pt-9 md:px-8">
      {[0, 1, 2, 3, 4, 5, 6].map((i) => (
        <div key={i} className="flex items-center gap-3" style={{ height: rowHeight }}>
          <Skeleton className="size-9" />
          <Skeleton className="h-3 w-40" />
          <Skeleton className="ml-auto h-3 w-16" />
        </div>
      ))}
    </div>
  );
}
