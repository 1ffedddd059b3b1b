import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { AuditEvent } from '../api/types';
import { fullTime } from '../lib/time';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy';
import { SettingsPage } from './layout';
import { Cell, RowsSkeleton, Table } from './table';

export function AuditPage() {
  const log = useInfiniteQuery({
    queryKey: keys.audit,
    queryFn: ({ pageParam, signal }) => api.auditEvents(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  });
  const events = log.data?.pages.flatMap((p) => p.data) ?? [];
  return (
    <SettingsPage
      title="Audit"
      intro="Who did what, in a log that nobody can shorten or rewrite unnoticed. It holds numbers, never a name or a word that was said."
    >
      <CheckpointCard />
      {log.error ? (
        <LoadProblem text={problemText(log.error)} onRetry={() => void log.refetch()} />
      ) : log.isPending ? (
        <RowsSkeleton />
      ) : events.length === 0 ? (
        <p className="text-sm text-ink-faint">Nothing yet.</p>
      ) : (
        <>
          <Table label="Audit events" head={['No.', 'When', 'Who', 'Did', 'To']}>
            {events.map((e) => (
              <EventRow key={e.id} e={e} />
            ))}
          </Table>
          {log.hasNextPage && (
            <div className="mt-4 text-center">
              <Button busy={log.isFetchingNextPage} onPress={() => void log.fetchNextPage()}>
                Earlier events
              </Button>
            </div>
          )}
        </>
      )}
    </SettingsPage>
  );
}

const actorWords = {
  operator: 'An operator',
  api_key: 'An API key',
  contact: 'A visitor',
  system: 'Botimum',
} as const;

function EventRow({ e }: { e: AuditEvent }) {
  const details = Object.entries(e.details ?? {});
  return (
    <tr>
      <Cell className="text-ink-faint tabular-nums">{e.position}</Cell>
      <Cell className="whitespace-nowrap tabular-nums">{fullTime(e.occurred_at)}</Cell>
      <Cell className="whitespace-nowrap">{e.actor.name || actorWords[e.actor.type]}</Cell>
      <Cell>
        <span className="font-medium">{e.action.replaceAll(/[._]/g, ' ')}</span>
        {details.length > 0 && (
          <span className="block text-xs text-ink-faint">
            {details.map(([k, v]) => `${k}: ${v}`).join(', ')}
          </span>
        )}
      </Cell>
      <Cell>
        <span className="block text-ink-soft">{e.target.type.replaceAll('_', ' ')}</span>
        <code className="font-mono text-xs text-ink-faint" title={e.target.id}>
          {e.target.id.length > 14 ? `${e.target.id.slice(0, 4)}…${e.target.id.slice(-6)}` : e.target.id}
        </code>
      </Cell>
    </tr>
  );
}

/** The signed note that fixes the log as it stands now. */
function CheckpointCard() {
  const { data, error, isPending } = useQuery({
    queryKey: keys.checkpoint,
    queryFn: ({ signal }) => api.checkpoint(signal),
    staleTime: 0,
  });
  if (isPending) return <Skeleton className="mb-6 h-40" />;
  if (error) return <p className="mb-6 text-sm text-ink-faint">{problemText(error)}</p>;
  return (
    <section className="mb-7 rounded-md border border-line">
      <div className="flex flex-wrap items-center justify-between gap-3 border-b border-line py-2.5 pr-2.5 pl-4">
        <h2 className="flex items-center gap-2 text-sm font-semibold">
          <ShieldCheck size={16} className="text-ink-faint" aria-hidden="true" />
          <span>
            Checkpoint over <span className="tabular-nums">{data.size.toLocaleString('en')}</span> entries
          </span>
        </h2>
        <CopyButton text={data.checkpoint} label="Copy the checkpoint" />
      </div>
      <pre className="overflow-x-auto px-4 py-3 font-mono text-xs whitespace-pre-wrap text-ink-soft wrap-anywhere">
        {data.checkpoint}
      </pre>
      <div className="border-t border-line px-4 py-3 text-sm text-ink-faint">
        <p>
          Keep a copy elsewhere: whoever changes the log later can no longer match it. Check it with the key
        </p>
        <code className="mt-1 block font-mono text-xs text-ink-soft wrap-anywhere">{data.verifier_key}</code>
        <p className="mt-1">
          and <code className="font-mono text-xs text-ink-soft">botimum audit verify --data DIR</code>.
        </p>
      </div>
    </section>
  );
}
