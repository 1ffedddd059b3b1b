import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { BottomBar } from './bottom-bar';
import { useCommand, useKeyboard } from './commands';
import { may } from './permissions';
import { isDark, setTheme } from './preferences';
import { signOut } from './runtime';
import { useCan, useSession } from './session';
import { Sidebar } from './sidebar';
import { useDocumentTitle } from './title';

const Palette = lazy(() => import('./palette').then((m) => ({ default: m.Palette })));
const Sheet = lazy(() => import('./sheet').then((m) => ({ default: m.ShortcutSheet })));

/** The frame around every screen behind sign-in. */
export function Shell() {
  const { workspace } = useSession();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const [isSheetOpen, setSheetOpen] = useState(false);
  const navigate = useNavigate();
  const counts = useQuery({
    queryKey: keys.counts,
    queryFn: ({ signal }) => api.counts(signal),
    enabled: useCan(may.readInbox),
  });

  useKeyboard();
  useDocumentTitle(counts.data?.unread ?? 0, workspace.name);
  useCommand('palette', () => setPaletteOpen(true));
  useCommand('search', () => setPaletteOpen(true));
  useCommand('sheet', () => setSheetOpen(true));
  useCommand('go-inbox', () => void navigate({ to: '/inbox' }), useCan(may.readInbox));
  useCommand('go-contacts', () => void navigate({ to: '/contacts' }), useCan(may.readContacts));
  useCommand('go-boards', () => void navigate({ to: '/boards' }), useCan(may.readBoards));
  useCommand('go-settings', () => void navigate({ to: '/settings' }));
  useCommand('theme', () => setTheme(isDark() ? 'light' : 'dark'));
  useCommand('sign-out', () => void signOut().then(() => navigate({ to: '/sign-in', search: {} })));

  return (
    <div className="flex h-full flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-accent px-4 py-2 font-medium text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to the content
      </a>
      <Sidebar
        counts={counts.data}
        onSearch={() => setPaletteOpen(true)}
        onShortcuts={() => setSheetOpen(true)}
      />
      <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 md:py-2 md:pr-2">
        <div className="h-full overflow-hidden bg-surface md:rounded-md md:border md:border-line">
          <Outlet />
        </div>
      </main>
      <BottomBar unread={counts.data?.unread} />
      <Suspense>
        {isPaletteOpen && <Palette onClose={() => setPaletteOpen(false)} />}
        {isSheetOpen && <Sheet onClose={() => setSheetOpen(false)} />}
      </Suspense>
    </div>
  );
}
