import { Link, useNavigate } from '@tanstack/react-router';
import { FileInput, Upload } from 'lucide-react';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useTitle } from '../app/title';
import { useWho } from '../contacts/rights';
import { fullTime, longAge } from '../lib/time';
import { Empty, LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { type Import, isActive, useImports } from './data';
import { Bar, State } from './parts';
import { people, size, tallyLine } from './words';

/** All tables of people that were brought in, newest first. */
export function ImportsPage() {
  useTitle('Imports');
  const mayAdd = useCan(may.seeAddresses);
  const navigate = useNavigate();
  const list = useImports();
  const all = list.data?.pages.flatMap((p) => p.data) ?? [];
  const add = mayAdd && (
    <Button
      look={all.length === 0 ? 'primary' : 'plain'}
      icon={<Upload size={15} aria-hidden="true" />}
      onPress={() => void navigate({ to: '/contacts/imports/new' })}
    >
      Import people
    </Button>
  );
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-4xl px-4 py-5 md:px-8">
        <header className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <div>
            <h1 className="text-lg font-semibold">Imports</h1>
            <p className="mt-0.5 text-sm text-ink-soft">
              Tables of people. Each file is sealed with a key of its own, which is destroyed when nobody
              needs it any more.
            </p>
          </div>
          {all.length > 0 && add}
        </header>
        {list.error ? (
          <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
        ) : list.isPending ? (
          <Rows />
        ) : all.length === 0 ? (
          <Empty
            icon={<FileInput size={22} strokeWidth={1.6} />}
            title="Nothing was imported yet"
            action={add}
          >
            Bring people from a spreadsheet or another system as CSV. You see what would happen before it
            does, and can take it back for 30 days.
          </Empty>
        ) : (
          <ul className="divide-y divide-line rounded-md border border-line">
            {all.map((one) => (
              <Row key={one.id} one={one} />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <div className="mt-4 text-center">
            <Button look="quiet" busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
              Show older ones
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function Row({ one }: { one: Import }) {
  const who = useWho();
  const isWorking = isActive(one);
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 transition-colors hover:bg-hover">
      <div className="min-w-0 flex-1 basis-64">
        <Link
          to="/contacts/imports/$importId"
          params={{ importId: one.id }}
          preload={false}
          className="block truncate font-medium after:absolute after:inset-0"
        >
          {one.file_name}
        </Link>
        <p className="text-sm text-ink-faint tabular-nums">
          {one.undone && one.state === 'undone'
            ? `Taken back: ${people(one.undone.erased + one.undone.reverted)}`
            : one.imported.rows > 0
              ? tallyLine(one.imported)
              : size(one.bytes)}
        </p>
      </div>
      <p className="text-sm text-ink-faint">
        {who(one.by)} ·{' '}
        <time dateTime={one.created_at} title={fullTime(one.created_at)}>
          {longAge(one.created_at)}
        </time>
      </p>
      <span className="flex items-center gap-3">
        {isWorking && <Bar label={`Progress of ${one.file_name}`} value={one.progress} className="w-24" />}
        <State state={one.state} />
      </span>
    </li>
  );
}

function Rows() {
  return (
    <div
      role="status"
      aria-label="Loading imports"
      className="divide-y divide-line rounded-md border border-line"
    >
      {[0, 1, 2].map((i) => (
        <div key={i} className="px-4 py-4">
          <Skeleton className="h-3 w-40" />
          <Skeleton className="mt-2 h-3 w-64" />
        </div>
      ))}
    </div>
  );
}
