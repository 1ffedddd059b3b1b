import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import type { ConversationCounts } from '../api/types';
import { Mark } from '../auth/frame';
import { usePendingCounts } from '../boardqueue/data';
import { useBoards } from '../boards/all';
import { views } from '../inbox/views';
import { Count, Kbd } from '../ui/bits';
import { Connection } from './connection';
import { contactPlaces, places, settingsPlaces } from './nav';
import { OperatorMenu } from './operator-menu';
import { isMac } from './preferences';
import { allows } from './runtime';
import { useSession } from './session';

interface SidebarProps {
  counts: ConversationCounts | undefined;
  onSearch: () => void;
  onShortcuts: () => void;
}

/** The left rail: wide with the inbox's lists on a desktop, icons only on a tablet, absent on a phone. */
export function Sidebar({ counts, onSearch, onShortcuts }: SidebarProps) {
  const { workspace, permissions } = useSession();
  const { pathname } = useLocation();
  const sub: Record<string, ReactNode> = {
    '/inbox': <InboxViews counts={counts} />,
    '/contacts': <ContactLinks permissions={permissions} />,
    '/boards': <BoardLinks />,
    '/settings': <SettingsLinks permissions={permissions} />,
  };
  return (
    <nav aria-label="Main" className="hidden w-14 shrink-0 flex-col px-2 py-3 md:flex lg:w-56">
      <div className="mb-3 flex h-8 items-center gap-2.5 px-1.5 max-lg:justify-center max-lg:px-0">
        <Mark size={24} />
        <span className="truncate font-semibold max-lg:hidden">{workspace.name}</span>
      </div>
      <button
        type="button"
        onClick={onSearch}
        className="mb-3 flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink-faint transition-colors hover:border-line-field max-lg:justify-center max-lg:px-0"
      >
        <Search size={15} aria-hidden="true" />
        <span className="flex-1 text-left max-lg:sr-only">Search</span>
        <span className="max-lg:hidden" aria-hidden="true">
          <Kbd>{isMac ? '⌘K' : 'Ctrl K'}</Kbd>
        </span>
      </button>
      <div className="-mx-2 flex min-h-0 flex-1 flex-col gap-0.5 overflow-y-auto px-2">
        {places
          .filter((p) => !p.permission || allows(permissions, p.permission))
          .map(({ to, label, icon: Icon }) => {
            const isHere = pathname === to || pathname.startsWith(`${to}/`);
            return (
              <div key={to}>
                <Link
                  to={to}
                  aria-current={isHere ? 'page' : undefined}
                  className={`flex h-8 items-center gap-2.5 rounded-md px-2.5 font-medium transition-colors hover:bg-hover max-lg:justify-center max-lg:px-0 ${isHere ? 'text-ink max-lg:bg-pressed' : 'text-ink-soft'}`}
                >
                  <Icon size={17} strokeWidth={1.8} aria-hidden="true" />
                  <span className="flex-1 max-lg:sr-only">{label}</span>
                  {to === '/inbox' && (
                    <span className="max-lg:hidden">
                      <UnreadDot value={counts?.unread} />
                    </span>
                  )}
                </Link>
                {isHere && sub[to] && (
                  <div className="mt-0.5 mb-2 ml-[18px] border-l border-line pl-2 max-lg:hidden">
                    {sub[to]}
                  </div>
                )}
              </div>
            );
          })}
      </div>
      <Connection />
      <OperatorMenu onShortcuts={onShortcuts} />
    </nav>
  );
}

function UnreadDot({ value }: { value: number | undefined }) {
  if (!value) return null;
  return (
    <span className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-accent px-1.5 text-xs font-semibold text-on-accent tabular-nums">
      {value > 99 ? '99+' : value}
      <span className="sr-only"> unread</span>
    </span>
  );
}

const subLink =
  'flex h-7 items-center justify-between rounded-md px-2.5 text-sm text-ink-soft transition-colors hover:bg-hover';
const subLinkActive = { className: 'bg-pressed font-medium text-ink' };

function InboxViews({ counts }: { counts: ConversationCounts | undefined }) {
  const { search, pathname } = useLocation();
  const current = (search as { view?: string }).view ?? 'open';
  return (
    <ul>
      {views.map((v) => {
        const isHere = pathname.startsWith('/inbox') && current === v.id;
        return (
          <li key={v.id}>
            <Link
              to="/inbox"
              search={v.id === 'open' ? {} : { view: v.id }}
              activeOptions={{ exact: true }}
              aria-current={isHere ? 'page' : undefined}
              className={`${subLink} ${isHere ? subLinkActive.className : ''}`}
            >
              {v.label}
              <Count value={v.id === 'resolved' ? undefined : counts?.[v.count]} isYours={v.id === 'mine'} />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function ContactLinks({ permissions }: { permissions: string[] }) {
  return (
    <ul>
      {contactPlaces
        .filter((p) => allows(permissions, p.permission))
        .map((p) => (
          <li key={p.to}>
            <Link
              to={p.to}
              activeOptions={{ exact: p.to === '/contacts' }}
              className={subLink}
              activeProps={subLinkActive}
            >
              {p.label}
            </Link>
          </li>
        ))}
      <SavedSegments />
    </ul>
  );
}

const shownSegments = 8;

/** The newest segments: each lists its people. */
function SavedSegments() {
  const segments = useQuery({
    queryKey: keys.segments,
    queryFn: ({ signal }) => api.segments(signal),
    staleTime: 30_000,
  });
  const { search } = useLocation();
  const current = (search as { segment?: string }).segment;
  return segments.data
    ?.filter((s) => !s.problem)
    .slice(0, shownSegments)
    .map((s) => (
      <li key={s.id}>
        <Link
          to="/contacts"
          search={{ segment: s.id }}
          aria-current={current === s.id ? 'page' : undefined}
          className={`${subLink} ${current === s.id ? subLinkActive.className : ''}`}
        >
          <bdi className="truncate">{s.name}</bdi>
        </Link>
      </li>
    ));
}

/** The boards that are in use. */
function BoardLinks() {
  const boards = useBoards();
  const waits = usePendingCounts().data?.total ?? 0;
  return (
    <ul>
      <li>
        <Link to="/boards/queue" search={{}} className={subLink} activeProps={subLinkActive}>
          To decide
          <Count value={waits} isYours />
        </Link>
      </li>
      {boards.data
        ?.filter((b) => !b.archived_at)
        .slice(0, shownSegments)
        .map((b) => (
          <li key={b.id}>
            <Link
              to="/boards/$boardId"
              params={{ boardId: b.id }}
              search={{}}
              activeOptions={{ includeSearch: false }}
              className={subLink}
              activeProps={subLinkActive}
            >
              <bdi className="truncate">{b.name}</bdi>
            </Link>
          </li>
        ))}
    </ul>
  );
}

function SettingsLinks({ permissions }: { permissions: string[] }) {
  return (
    <ul>
      {settingsPlaces
        .filter((p) => allows(permissions, p.permission))
        .map((p) => (
          <li key={p.to}>
            <Link to={p.to} className={subLink} activeProps={subLinkActive}>
              {p.label}
            </Link>
          </li>
        ))}
    </ul>
  );
}
