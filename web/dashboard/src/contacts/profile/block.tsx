import type { ReactNode } from 'react';

/** A part of the main column under a heading of its own. */
export function Block({ title, children, end }: { title: string; children: ReactNode; end?: ReactNode }) {
  return (
    <section>
      <div className="mb-2 flex h-6 items-center justify-between">
        <h2 className="text-sm font-semibold">{title}</h2>
        {end}
      </div>
      {children}
    </section>
  );
}

/** A card of the side column. */
export function Card({ title, children, end }: { title: string; children: ReactNode; end?: ReactNode }) {
  return (
    <section className="rounded-md border border-line bg-surface px-4 pt-3 pb-4">
      <div className="mb-1.5 flex h-7 items-center justify-between gap-2">
        <h2 className="text-sm font-semibold">{title}</h2>
        {end}
      </div>
      {children}
    </section>
  );
}
