import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { Contact } from '../../api/types';
import { useCommand } from '../../app/commands';
import { useMinute } from '../../lib/hooks';
import { Skeleton } from '../../ui/bits';
import { type Column, gridOf } from './columns';
import { ContactRow, rowGrid } from './row';

const rowHeight = 56;

interface TableProps {
  items: Contact[];
  columns: Column[];
  hasMore: boolean;
  onEnd: () => void;
  /** Who is chosen; undefined where nobody may be. */
  chosen: ReadonlySet<string> | undefined;
  onChoose: (ids: ReadonlySet<string>) => void;
}

/** The people, as many rows as are on screen. */
export function ContactTable({ items, columns, hasMore, onEnd, chosen, onChoose }: TableProps) {
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
      style={{ '--columns': gridOf(columns) } as React.CSSProperties}
    >
      <div role="rowgroup" className="border-b border-line px-4 max-md:sr-only md:px-6">
        <div role="row" className={`${rowGrid} h-8 px-2 text-xs text-ink-faint`}>
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
          <span role="columnheader" className="px-1">
            Name
          </span>
          {columns.map((c) => (
            <span key={c.id} role="columnheader" className="truncate">
              {c.label}
            </span>
          ))}
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
                    columns={columns}
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

/** The list before it is there. */
export function TableSkeleton() {
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
