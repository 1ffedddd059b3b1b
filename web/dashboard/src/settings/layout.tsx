import { Link, Navigate, Outlet, useLocation } from '@tanstack/react-router';
import { ArrowLeft, ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { run } from '../app/commands';
import { settingsPlaces } from '../app/nav';
import { useOperatorGroups } from '../app/operator-menu';
import { allows } from '../app/runtime';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';
import { useMedia } from '../lib/hooks';

/** The frame of the settings; their list stands in the sidebar, or on a screen of its own where there is none. */
export function SettingsLayout() {
  useTitle('Settings');
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-4xl px-4 py-6 md:px-10 md:py-9">
        <Outlet />
      </div>
    </div>
  );
}

/** /settings: the list on small screens, the first page on large ones. */
export function SettingsIndex() {
  const { permissions } = useSession();
  const isWide = useMedia('(min-width: 1080px)');
  const able = settingsPlaces.filter((p) => allows(permissions, p.permission));
  const groups = useOperatorGroups(() => run('sheet'));
  if (isWide && able[0]) return <Navigate to={able[0].to} replace />;
  return (
    <>
      <h1 className="mb-4 text-lg font-semibold">Settings</h1>
      <ul className="divide-y divide-line rounded-md border border-line">
        {able.map((p) => (
          <li key={p.to}>
            <Link to={p.to} className="flex items-center gap-3 px-4 py-3 hover:bg-hover">
              <span className="flex-1">
                <span className="block font-medium">{p.label}</span>
                <span className="block text-sm text-ink-faint">{p.hint}</span>
              </span>
              <ChevronRight size={16} className="text-ink-faint" aria-hidden="true" />
            </Link>
          </li>
        ))}
      </ul>
      {groups
        .filter((g) => g.items.length)
        .map((g) => (
          <section key={g.id} className="mt-6">
            {g.title && <h2 className="mb-2 text-sm font-semibold">{g.title}</h2>}
            <ul className="divide-y divide-line rounded-md border border-line">
              {g.items
                .filter((i) => i.id !== 'shortcuts')
                .map((i) => (
                  <li key={i.id}>
                    <button
                      type="button"
                      onClick={i.onAction}
                      aria-pressed={i.isChosen}
                      className="flex w-full items-center gap-3 px-4 py-3 hover:bg-hover"
                    >
                      <span className="text-ink-faint" aria-hidden="true">
                        {i.icon}
                      </span>
                      {i.label}
                      {i.isChosen && <span className="ml-auto text-sm text-ink-faint">Chosen</span>}
                    </button>
                  </li>
                ))}
            </ul>
          </section>
        ))}
    </>
  );
}

interface PageProps {
  title: string;
  intro: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

/** The head of a settings page, and the way back where the sidebar is not there. */
export function SettingsPage({ title, intro, action, children }: PageProps) {
  const { pathname } = useLocation();
  return (
    <>
      {pathname !== '/settings' && (
        <Link
          to="/settings"
          className="mb-3 -ml-1 inline-flex items-center gap-1.5 rounded-sm p-1 text-sm text-ink-soft lg:hidden"
        >
          <ArrowLeft size={15} aria-hidden="true" />
          Settings
        </Link>
      )}
      <header className="mb-7 flex flex-wrap items-start justify-between gap-3">
        <div className="max-w-xl">
          <h1 className="text-lg font-semibold">{title}</h1>
          <p className="mt-1 text-ink-soft">{intro}</p>
        </div>
        {action}
      </header>
      {children}
    </>
  );
}
