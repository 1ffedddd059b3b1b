import { Link, useParams } from '@tanstack/react-router';
import { places } from './nav';
import { allows } from './runtime';
import { useSession } from './session';

/** The tab bar of a phone. A thread or a post has the whole screen. */
export function BottomBar({ unread }: { unread: number | undefined }) {
  const { permissions } = useSession();
  const { conversationId, postId } = useParams({ strict: false });
  if (conversationId || postId) return null;
  return (
    <nav
      aria-label="Main"
      className="flex border-t border-line bg-paper pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {places
        .filter((p) => !p.permission || allows(permissions, p.permission))
        .map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            className="flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs font-medium text-ink-faint"
            activeProps={{ className: 'text-ink' }}
          >
            <span className="relative">
              <Icon size={20} strokeWidth={1.8} aria-hidden="true" />
              {to === '/inbox' && !!unread && (
                <span className="absolute -top-1.5 left-3 min-w-4 rounded-full bg-accent px-1 text-center text-[10px] leading-4 font-semibold text-on-accent tabular-nums">
                  {unread > 99 ? '99+' : unread}
                  <span className="sr-only"> unread</span>
                </span>
              )}
            </span>
            {label}
          </Link>
        ))}
    </nav>
  );
}
