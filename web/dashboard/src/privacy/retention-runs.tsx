import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { RetentionResult, RetentionRun } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, longAge } from '../lib/time';
import { RowsSkeleton } from '../settings/table';
import { LoadProblem } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast, toastProblem } from '../ui/toast';
import { Preview, Results } from './retention-preview';
import { isNothing } from './retention-words';

/** What was removed, when, by which rules; and a run out of turn. */
export function Runs({ hasRules }: { hasRules: boolean }) {
  const mayWrite = useCan(may.writePrivacy);
  const [results, setResults] = useState<RetentionResult[] | null>(null);
  const counting = useMutation({
    mutationFn: () => api.tryRetention(),
    onSuccess: (d) => setResults(d.results),
    onError: toastProblem,
  });
  return (
    <section className="mt-10">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <div>
          <h2 className="font-semibold">What was removed</h2>
          <p className="text-sm text-ink-soft">The rules are applied once a day, in the background.</p>
        </div>
        {mayWrite && hasRules && (
          <Button busy={counting.isPending} onPress={() => counting.mutate()}>
            Apply them now…
          </Button>
        )}
      </div>
      <RunList />
      <RunDialog results={results} onClose={() => setResults(null)} />
    </section>
  );
}

function RunDialog({ results, onClose }: { results: RetentionResult[] | null; onClose: () => void }) {
  const client = useQueryClient();
  const running = useMutation({
    mutationFn: () => api.runRetention(),
    onSuccess: () => {
      onClose();
      void client.invalidateQueries({ queryKey: keys.retentionRuns });
      toast('The rules are being applied.');
    },
    onError: toastProblem,
  });
  return (
    <Dialog
      title="Apply the rules now"
      isOpen={results !== null}
      onClose={onClose}
      width="md"
      isAlert
      footer={
        <>
          <Button onPress={onClose}>Keep everything</Button>
          <Button
            look="loss"
            busy={running.isPending}
            isDisabled={!results || isNothing(results)}
            onPress={() => running.mutate()}
          >
            Remove it now
          </Button>
        </>
      }
    >
      {results && <Preview results={results} isRemoval />}
    </Dialog>
  );
}

function RunList() {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: keys.retentionRuns,
    queryFn: ({ pageParam, signal }) => api.retentionRuns(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    // A run on its way is looked at again until it is done.
    refetchInterval: (q) => (q.state.data?.pages[0]?.data[0]?.state === 'running' ? 2000 : false),
  });
  if (error) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <RowsSkeleton />;
  const runs = data.pages.flatMap((p) => p.data);
  if (!runs.length)
    return (
      <p className="rounded-md border border-line px-4 py-3 text-sm text-ink-faint">
        Nothing yet. After the first run its report stands here.
      </p>
    );
  return (
    <>
      <ul className="space-y-3">
        {runs.map((r) => (
          <RunRow key={r.id} run={r} />
        ))}
      </ul>
      {hasNextPage && (
        <Button look="quiet" className="mt-3" busy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </>
  );
}

function RunRow({ run }: { run: RetentionRun }) {
  const by = run.by.type === 'system' ? 'daily' : 'asked for';
  return (
    <li>
      <p className="mb-1.5 flex flex-wrap gap-x-2 text-sm text-ink-soft">
        <time dateTime={run.started_at} title={fullTime(run.started_at)} className="tabular-nums">
          {longAge(run.started_at)}
        </time>
        <span className="text-ink-faint">· {by}</span>
        {run.state === 'running' && <span className="text-warn-text">· at work</span>}
        {run.state === 'done' && run.results.length === 0 && (
          <span className="text-ink-faint">· nothing was old enough</span>
        )}
      </p>
      {run.results.length > 0 && <Results results={run.results} />}
    </li>
  );
}
