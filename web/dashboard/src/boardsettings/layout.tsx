import { Link, Outlet } from '@tanstack/react-router';
import { useThisBoard } from '../boards/layout';

const places = [
  { to: '/boards/$boardId/settings', label: 'Pages' },
  { to: '/boards/$boardId/settings/moderation', label: 'Moderation' },
  { to: '/boards/$boardId/settings/import', label: 'Import and export' },
] as const;

/** The settings of a board, in a few places. */
export function BoardSettingsLayout() {
  const board = useThisBoard();
  return (
    <div className="flex h-full min-h-0 flex-col">
      <nav
        aria-label="Settings of the board"
        className="flex shrink-0 gap-1 overflow-x-auto border-b border-line px-3 py-1.5 md:px-4"
      >
        {places.map((p) => (
          <Link
            key={p.to}
            to={p.to}
            params={{ boardId: board.id }}
            activeOptions={{ exact: true }}
            className="flex h-7 shrink-0 items-center rounded-md px-2.5 text-sm text-ink-soft transition-colors hover:bg-hover"
            activeProps={{ className: 'bg-pressed font-medium text-ink' }}
          >
            {p.label}
          </Link>
        ))}
      </nav>
      <div className="min-h-0 flex-1">
        <Outlet />
      </div>
    </div>
  );
}
