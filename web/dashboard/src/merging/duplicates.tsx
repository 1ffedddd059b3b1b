import { Merge as MergeIcon, UsersRound } from 'lucide-react';
import { useEffect, useState } from 'react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { displayName } from '../lib/names';
import { Empty, LoadProblem, Skeleton, Tag } from '../ui/bits';
import { Button } from '../ui/button';
import { type Duplicate, useDismiss, useDuplicates } from './data';
import { MergeDialog } from './dialog';
import { Person } from './person';

const whys: Record<string, string> = {
  email: 'Same e-mail address',
  phone: 'Same phone number',
  name: 'Similar name, same company',
};

/** Pairs who may be one person, side by side: merge them, or say that they are not the same. */
export function DuplicatesPage() {
  useTitle('Duplicates');
  const list = useDuplicates();
  const [merging, setMerging] = useState<Duplicate | null>(null);
  const pairs = list.data?.pages.flatMap((p) => p.data) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const isLooking = hasNextPage && pairs.length === 0; // a step without a pair is not the end
  useEffect(() => {
    if (isLooking && !isFetchingNextPage) void fetchNextPage();
  }, [isLooking, isFetchingNextPage, fetchNextPage]);
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-4xl px-4 py-5 md:px-8">
        <header className="mb-4">
          <h1 className="text-lg font-semibold">Duplicates</h1>
          <p className="mt-0.5 text-sm text-ink-soft">
            People who may be the same. Merging joins them; nothing is lost, and for 30 days it can be undone.
          </p>
        </header>
        {list.error && !list.data ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : list.isPending || isLooking ? (
          <Rows />
        ) : pairs.length === 0 ? (
          <Empty icon={<UsersRound size={22} strokeWidth={1.6} />} title="Nobody is here twice">
            When two people share an address or a phone number, or have similar names at one company, you can
            compare them here.
          </Empty>
        ) : (
          <>
            <ul className="space-y-3">
              {pairs.map((pair) => (
                <Pair key={pair.contact.id + pair.other.id} pair={pair} onMerge={() => setMerging(pair)} />
              ))}
            </ul>
            {hasNextPage && (
              <div className="mt-4 flex justify-center">
                <Button busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
                  Look further
                </Button>
              </div>
            )}
          </>
        )}
      </div>
      {merging && (
        <MergeDialog survivor={merging.contact} other={merging.other} onClose={() => setMerging(null)} />
      )}
    </div>
  );
}

function Pair({ pair, onMerge }: { pair: Duplicate; onMerge: () => void }) {
  const mayWrite = useCan(may.writeContacts);
  const dismiss = useDismiss();
  const names = `${displayName(pair.contact)} and ${displayName(pair.other)}`;
  return (
    <li aria-label={names} className="rounded-md border border-line bg-surface">
      <div className="grid gap-4 px-4 pt-4 pb-3 md:grid-cols-2 md:divide-x md:divide-line">
        <Person contact={pair.contact} />
        <div className="md:pl-4">
          <Person contact={pair.other} />
        </div>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-2.5">
        <span className="flex flex-wrap gap-1.5">
          {pair.why.map((why) => (
            <Tag key={why}>{whys[why] ?? why}</Tag>
          ))}
        </span>
        {mayWrite && (
          <span className="flex gap-2">
            <Button
              size="sm"
              look="quiet"
              aria-label={`${names} are not the same`}
              busy={dismiss.isPending}
              onPress={() => dismiss.mutate({ contact_id: pair.contact.id, other_id: pair.other.id })}
            >
              Not the same
            </Button>
            <Button
              size="sm"
              aria-label={`Merge ${names}`}
              icon={<MergeIcon size={14} aria-hidden="true" />}
              onPress={onMerge}
            >
              Merge…
            </Button>
          </span>
        )}
      </div>
    </li>
  );
}

function Rows() {
  return (
    <div role="status" aria-label="Looking for duplicates" className="space-y-3">
      {[0, 1, 2].map((i) => (
        <Skeleton key={i} className="h-30 rounded-md" />
      ))}
    </div>
  );
}
