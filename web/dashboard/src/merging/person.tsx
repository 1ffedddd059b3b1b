import type { Contact } from '../api/types';
import { displayName } from '../lib/names';
import { longAge } from '../lib/time';
import { Avatar, Verified } from '../ui/bits';

/** A person in a line or two, to tell them from another. */
export function Person({ contact: c }: { contact: Contact }) {
  const name = displayName(c);
  return (
    <div className="flex min-w-0 items-start gap-3">
      <Avatar name={name} picture={c.avatar_url} />
      <div className="min-w-0 text-sm">
        <p className="truncate font-medium text-ink">{name}</p>
        {c.email && c.email !== name && <p className="truncate text-ink-soft">{c.email}</p>}
        {c.phone && <p className="truncate text-ink-soft tabular-nums">{c.phone}</p>}
        <p className="flex flex-wrap items-center gap-x-2.5 text-xs text-ink-faint">
          <span>First seen {longAge(c.created_at)}</span>
          {c.last_seen_at && <span>last {longAge(c.last_seen_at)}</span>}
          <Verified verified={c.verified} hasEmail={c.email !== ''} />
        </p>
      </div>
    </div>
  );
}
