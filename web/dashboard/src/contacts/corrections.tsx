import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import { fullTime, longAge } from '../lib/time';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { useWho } from './rights';

const named = (field: string) => field.replace('attributes.', '').replaceAll('_', ' ');

const said = (value: unknown): string =>
  value === null || value === undefined
    ? 'nothing'
    : typeof value === 'string'
      ? `“${value}”`
      : JSON.stringify(value);

/** What was corrected, by whom, and what stood there before, as long as that is kept. */
export function Corrections({ contactId }: { contactId: string }) {
  const who = useWho();
  const list = useInfiniteQuery({
    queryKey: keys.changes(contactId),
    queryFn: ({ pageParam, signal }) => api.contactChanges(contactId, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  if (list.error) return <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Skeleton className="h-4 w-3/5" />;
  const changes = list.data.pages.flatMap((p) => p.data);
  if (!changes.length) return <p className="text-sm text-ink-faint">Nothing was corrected yet.</p>;
  return (
    <>
      <ul className="space-y-3 text-sm">
        {changes.map((c) => (
          <li key={c.id}>
            <span className="first-letter:uppercase">{c.fields.map(named).join(', ')}</span>, by{' '}
            {who(c.actor)}
            <span className="block text-xs text-ink-faint" title={fullTime(c.created_at)}>
              {longAge(c.created_at)}
              {c.former
                ? `. Before: ${Object.entries(c.former)
                    .map(([field, value]) => `${named(field)} ${said(value)}`)
                    .join('; ')}`
                : '. What stood there before is forgotten.'}
            </span>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button size="sm" look="quiet" className="mt-2" onPress={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}
