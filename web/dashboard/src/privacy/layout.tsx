import { Link, Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { MailStrip } from '../app/mail-strip';
import { privacyPlaces } from '../app/nav';
import { allows } from '../app/runtime';
import { useSession } from '../app/session';
import { useTitle } from '../app/title';

/** On a phone the tabs scroll: the one that is open should be seen. */
function bringIntoView(tab: HTMLAnchorElement | null) {
  if (tab?.getAttribute('aria-current') === 'page')
    tab.scrollIntoView({ block: 'nearest', inline: 'center' });
}

/** The frame of the privacy area: its tabs above, one of them below. */
export function PrivacyLayout() {
  useTitle('Privacy');
  const { permissions } = useSession();
  return (
    <div className="flex h-full flex-col">
      <nav
        aria-label="Privacy"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        className="shrink-0 overflow-x-auto border-b border-line"
      >
        <ul className="mx-auto flex max-w-5xl gap-5 px-4 md:px-10">
          {privacyPlaces
            .filter((p) => allows(permissions, p.permission))
            .map((p) => (
              <li key={p.to}>
                <Link
                  to={p.to}
                  ref={bringIntoView}
                  className="flex h-12 items-center border-b-2 border-transparent text-sm font-medium whitespace-nowrap text-ink-soft transition-colors hover:text-ink"
                  activeProps={{ className: 'border-accent! text-ink!' }}
                >
                  {p.label}
                </Link>
              </li>
            ))}
        </ul>
      </nav>
      <MailStrip />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-5xl px-4 py-6 md:px-10 md:py-8">
          <Outlet />
        </div>
      </div>
    </div>
  );
}

interface TabPageProps {
  title: string;
  intro: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

/** The head of a tab of the privacy area. */
export function TabPage({ title, intro, action, children }: TabPageProps) {
  return (
    <>
      <header className="mb-6 flex flex-wrap items-start justify-between gap-3">
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
