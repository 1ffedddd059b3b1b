import { Link } from '@tanstack/react-router';
import type { Contact } from '../../api/types';
import { displayName } from '../../lib/names';
import { useStore } from '../../lib/store';
import { fullTime, shortAge } from '../../lib/time';
import { online } from '../../live/state';
import { Avatar, Verified } from '../../ui/bits';
import { attributeText, type Column } from './columns';

/** A row's grid; the columns come from the table, on a phone it is a card. */
export const rowGrid =
  'grid grid-cols-[1.25rem_minmax(0,1fr)_auto] md:grid-cols-(--columns) items-center gap-4';

interface RowProps {
  c: Contact;
  columns: Column[];
  now: Date;
  isChosen: boolean | undefined;
  onChoose: (isRange: boolean) => void;
}

/** One person: a row of columns, or a card on a phone. */
export function ContactRow({ c, columns, now, isChosen, onChoose }: RowProps) {
  const name = displayName(c);
  const isOnline = useStore(online, (all) => all.has(c.id));
  return (
    <div
      role="presentation"
      className={`${rowGrid} relative h-[52px] rounded-md px-2 transition-colors hover:bg-hover ${isChosen ? 'bg-hover' : ''}`}
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
            {c.restricted_at ? (
              <span className="text-time-text">Restricted</span>
            ) : c.blocked ? (
              'Blocked'
            ) : (
              c.email || c.tags.join(', ')
            )}
          </span>
        </span>
      </span>
      {columns.map((column) => (
        <span
          key={column.id}
          role="cell"
          className="flex min-w-0 items-center gap-1 overflow-hidden text-sm text-ink-soft max-md:hidden"
        >
          <Value c={c} column={column} now={now} />
        </span>
      ))}
      <span role="cell" className="text-right text-sm text-ink-faint tabular-nums md:hidden">
        {shortAge(c.last_seen_at ?? c.created_at, now)}
      </span>
    </div>
  );
}

function Value({ c, column, now }: { c: Contact; column: Column; now: Date }) {
  switch (column.id) {
    case 'tags':
      return <Tags tags={c.tags} />;
    case 'identity':
      return c.restricted_at ? (
        <span className="text-xs text-time-text">Restricted</span>
      ) : c.blocked ? (
        <span className="text-xs font-medium text-ink-soft">Blocked</span>
      ) : (
        <Verified verified={c.verified} hasEmail={c.email !== ''} />
      );
    case 'seen':
      return <Age at={c.last_seen_at} now={now} />;
    case 'added':
      return <Age at={c.created_at} now={now} />;
    case 'email':
    case 'phone':
    case 'external_id':
      return c.restricted_at ? <Veil /> : <span className="truncate">{c[column.id]}</span>;
    case 'locale':
      return <span className="truncate">{c[column.id]}</span>;
    default:
      return c.restricted_at ? <Veil /> : <bdi className="truncate">{attributeText(c, column.id)}</bdi>;
  }
}

/** What stands in place of what a restricted person's row would say. */
function Veil() {
  return <span className="text-ink-faint">Not shown</span>;
}

function Age({ at, now }: { at: string | null; now: Date }) {
  if (!at) return <span className="text-ink-faint">Never</span>;
  return (
    <span className="text-ink-faint tabular-nums" title={fullTime(at)}>
      {shortAge(at, now)}
    </span>
  );
}

function Tags({ tags }: { tags: string[] }) {
  return (
    <>
      {tags.slice(0, 3).map((tag) => (
        <bdi key={tag} className="max-w-32 truncate rounded-full bg-sunken px-2 py-0.5 text-xs text-ink-soft">
          {tag}
        </bdi>
      ))}
      {tags.length > 3 && <span className="py-0.5 text-xs text-ink-faint">+{tags.length - 3}</span>}
    </>
  );
}
