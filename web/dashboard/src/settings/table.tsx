import type { ReactNode } from 'react';
import { Skeleton } from '../ui/bits';

/** A plain table that scrolls sideways within itself when the screen is small. */
export function Table({ label, head, children }: { label: string; head: ReactNode[]; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      className="relative overflow-x-auto rounded-md border border-line"
    >
      <table className="w-full border-collapse text-left text-sm">
        <thead>
          <tr className="border-b border-line text-xs text-ink-faint">
            {head.map((h, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the columns never move.
              <th key={i} scope="col" className="px-4 py-2.5 font-medium whitespace-nowrap">
                {h}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </section>
  );
}

export function Cell({ children, className = '' }: { children?: ReactNode; className?: string }) {
  return <td className={`px-4 py-3 align-middle ${className}`}>{children}</td>;
}

export function RowsSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="space-y-4 rounded-md border border-line p-4">
      {[0, 1, 2, 3].map((i) => (
        <Skeleton key={i} className="h-4" />
      ))}
    </div>
  );
}
