import { Link } from '@tanstack/react-router';
import { useConversations } from '../../inbox/data';
import { shortAge } from '../../lib/time';
import { Skeleton } from '../../ui/bits';
import type { PartProps } from './parts';

/** What was said, the latest first. */
export default function ConversationsTab({ contact }: PartProps) {
  const list = useConversations({ contact_id: contact.id }, true);
  return (
    <>
      {list.isPending ? (
        <Skeleton className="h-10" />
      ) : list.items.length === 0 ? (
        <p className="text-sm text-ink-faint">Nothing was said yet.</p>
      ) : (
        <ul className="-mx-2">
          {list.items.map((c) => (
            <li key={c.id}>
              <Link
                to="/inbox/$conversationId"
                params={{ conversationId: c.id }}
                search={{}}
                preload={false}
                className="flex items-baseline gap-3 rounded-md px-2 py-2 hover:bg-hover"
              >
                <span className="w-18 shrink-0 text-xs text-ink-faint first-letter:uppercase">{c.state}</span>
                <span className="min-w-0 flex-1 truncate">
                  {c.subject || c.last_message?.preview || 'No messages yet'}
                </span>
                <span className="text-xs text-ink-faint tabular-nums">{shortAge(c.activity_at)}</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
