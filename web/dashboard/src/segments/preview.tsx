import { Link } from '@tanstack/react-router';
import { problemText } from '../api/problem';
import type { Filter } from '../api/types';
import { displayName } from '../lib/names';
import { Avatar, Skeleton } from '../ui/bits';
import { usePreview } from './data';
import { people } from './words';

/** How many people the filter picks as it is being written, and the newest of them. */
export function Preview({ filter }: { filter: Filter | undefined }) {
  const { count, sample, isBehind } = usePreview(filter);
  return (
    <section aria-label="Who is in it" className="rounded-md border border-line">
      <p role="status" className={`px-4 pt-3.5 transition-opacity ${isBehind && filter ? 'opacity-50' : ''}`}>
        {!filter ? (
          <span className="text-sm text-ink-faint">Finish each condition to see who is in it.</span>
        ) : count.error ? (
          <span className="text-sm text-loss-text">{problemText(count.error)}</span>
        ) : count.data ? (
          <span className="text-lg font-semibold tabular-nums">{people(count.data.count)}</span>
        ) : (
          <Skeleton className="my-1.5 h-4 w-28" />
        )}
      </p>
      {filter && !count.error && (
        <>
          <p className="px-4 pb-2 text-xs text-ink-faint">
            as of now; nobody who is restricted or in the bin
          </p>
          <ul className="border-t border-line py-1.5">
            {sample.data?.data.map((c) => {
              const name = displayName(c);
              return (
                <li key={c.id}>
                  <Link
                    to="/contacts/$contactId"
                    params={{ contactId: c.id }}
                    preload={false}
                    className="flex items-center gap-2.5 px-4 py-1.5 hover:bg-hover"
                  >
                    <Avatar name={name} picture={c.avatar_url} size="sm" />
                    <span className="min-w-0 flex-1">
                      <span className="block truncate text-sm font-medium">{name}</span>
                      {c.email && c.email !== name && (
                        <span className="block truncate text-xs text-ink-faint">{c.email}</span>
                      )}
                    </span>
                  </Link>
                </li>
              );
            })}
            {sample.data?.data.length === 0 && (
              <li className="px-4 py-1.5 text-sm text-ink-faint">Nobody meets it yet.</li>
            )}
            {!sample.data && (
              <li className="px-4 py-1.5">
                <Skeleton className="h-3 w-32" />
              </li>
            )}
          </ul>
        </>
      )}
    </section>
  );
}
