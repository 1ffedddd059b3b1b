import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { FileRequest } from './file';
import { ClockMark, StateMark } from './parts';
import { useRequests } from './requests';
import { kinds } from './words';

/** A contact's requests, and a way to file one on their behalf. */
export function ContactRequests({ contact }: { contact: Contact }) {
  const mayRead = useCan(may.readPrivacy);
  if (!mayRead) return <p className="text-sm text-ink-faint">Your role does not show requests.</p>;
  return <Requests contact={contact} />;
}

function Requests({ contact }: { contact: Contact }) {
  const mayWrite = useCan(may.writePrivacy);
  const [isFiling, setFiling] = useState(false);
  const list = useRequests({ contact_id: contact.id });
  if (list.error && !list.items) {
    return <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />;
  }
  if (!list.items) return <Skeleton className="h-10" />;
  return (
    <>
      {list.items.length ? (
        <ul className="divide-y divide-line rounded-md border border-line">
          {list.items.map((r) => (
            <li key={r.id}>
              <Link
                to="/privacy-centre/requests/$requestId"
                params={{ requestId: r.id }}
                className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 px-3 py-2.5 text-sm hover:bg-hover"
              >
                <span className="font-medium">{kinds[r.kind].name}</span>
                {r.closed_at ? <StateMark r={r} /> : <ClockMark r={r} />}
              </Link>
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-sm text-ink-faint">They have not asked for anything yet.</p>
      )}
      {list.hasNextPage && (
        <Button size="sm" look="quiet" className="mt-2" onPress={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
      {mayWrite && (
        <Button size="sm" className="mt-3" icon={<Plus size={14} />} onPress={() => setFiling(true)}>
          File a request for them
        </Button>
      )}
      {isFiling && <FileRequest contact={contact} onClose={() => setFiling(false)} />}
    </>
  );
}
