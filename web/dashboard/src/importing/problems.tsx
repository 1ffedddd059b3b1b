import { Download } from 'lucide-react';
import { problemText } from '../api/problem';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { errorsFile, type Import, type ImportTally, useRowErrors } from './data';
import { ProblemList } from './preview';
import { count, some } from './words';

/** The rows with something wrong, and the file of them to put right and send again. */
export function Problems({ one, tally }: { one: Import; tally: ImportTally }) {
  const all = tally.failed + tally.warned;
  if (all === 0) {
    return <p className="mt-4 text-sm text-ink-soft">No row has anything wrong with it.</p>;
  }
  return <List one={one} failed={tally.failed} warned={tally.warned} />;
}

function List({ one, failed, warned }: { one: Import; failed: number; warned: number }) {
  const list = useRowErrors(one.id, one.updated_at);
  const rows = list.data?.pages.flatMap((p) => p.data) ?? [];
  const parts = [
    failed > 0 && `${some(failed, 'row is', 'rows are')} not imported`,
    warned > 0 && `${some(warned, 'row is', 'rows are')} imported without a cell`,
  ].filter(Boolean);
  return (
    <section aria-label="Rows with something wrong" className="mt-6">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-3">
        <div>
          <h2 className="text-md font-semibold">Rows with something wrong</h2>
          <p className="text-sm text-ink-faint">{parts.join(', ')}.</p>
        </div>
        <a
          href={errorsFile(one.id)}
          download
          className="inline-flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover"
        >
          <Download size={15} aria-hidden="true" />
          Download these rows
        </a>
      </div>
      {list.error ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <Skeleton className="h-24" />
      ) : (
        <ul className="divide-y divide-line rounded-md border border-line bg-surface">
          {rows.map((r) => (
            <li key={r.row} className="grid grid-cols-[5rem_minmax(0,1fr)] gap-3 px-4 py-2.5">
              <span className="text-sm text-ink-faint tabular-nums">Row {count(r.row)}</span>
              <ProblemList problems={r.problems} />
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          look="quiet"
          className="mt-2"
          busy={list.isFetchingNextPage}
          onPress={() => void list.fetchNextPage()}
        >
          Show more rows
        </Button>
      )}
    </section>
  );
}
