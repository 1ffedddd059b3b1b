import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ArrowLeft, Download, FileCheck2, LockKeyhole } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { isStatus, problemText } from '../api/problem';
import type { PrivacyRequest, RequestChange } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { displayName } from '../lib/names';
import { fullTime } from '../lib/time';
import { RowsSkeleton } from '../settings/table';
import { Avatar, LoadProblem, Seal } from '../ui/bits';
import { Button } from '../ui/button';
import { toast, toastProblem } from '../ui/toast';
import { dayOf } from './clock';
import { CompleteDialog, RefuseDialog } from './decide';
import { ExtendDialog, mayExtend } from './extend';
import { ClockMark, StateMark } from './parts';
import { kinds, proofOf, reasonText, sources, stepName } from './words';

/** One request: what is asked, until when, what has happened, and what can be done. */
export function RequestPage() {
  const { requestId: id } = useParams({ from: '/shell/privacy-centre/requests/$requestId' });
  const { data, error, refetch } = useQuery({
    queryKey: keys.request(id),
    queryFn: ({ signal }) => api.request(id, signal),
  });
  return (
    <>
      <Link
        to="/privacy-centre/requests"
        className="mb-4 -ml-1 inline-flex items-center gap-1.5 rounded-sm p-1 text-sm text-ink-soft hover:text-ink"
      >
        <ArrowLeft size={15} aria-hidden="true" />
        All requests
      </Link>
      {data ? (
        <Detail r={data} />
      ) : error ? (
        <LoadProblem
          text={isStatus(error, 404) ? 'There is no such request.' : problemText(error)}
          onRetry={() => void refetch()}
        />
      ) : (
        <RowsSkeleton />
      )}
    </>
  );
}

function Detail({ r }: { r: PrivacyRequest }) {
  const name = r.contact ? displayName(r.contact) : 'Erased person';
  return (
    <>
      <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
        <div className="flex min-w-0 items-center gap-4">
          <Avatar name={name} size="lg" />
          <div className="min-w-0">
            <h1 className="text-lg font-semibold">{kinds[r.kind].name}</h1>
            <p className="text-ink-soft">
              {r.contact ? (
                <Link
                  to="/contacts/$contactId"
                  params={{ contactId: r.contact.id }}
                  className="font-medium text-accent-text underline underline-offset-2"
                >
                  {name}
                </Link>
              ) : (
                'The person was erased; this is all that is left of the request.'
              )}
              {r.contact && `, ${sources[r.source]}`}
            </p>
            {r.contact?.restricted_at && (
              <p className="mt-1 inline-flex items-center gap-1.5 text-sm text-time-text">
                <LockKeyhole size={13} aria-hidden="true" />
                Restricted: their data is stored, and nothing else may happen to it.
              </p>
            )}
          </div>
        </div>
        <div className="flex items-center gap-3">
          <StateMark r={r} />
          <ClockMark r={r} size={20} />
        </div>
      </header>
      <Actions r={r} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-12 gap-y-8 lg:grid-cols-[minmax(0,1fr)_19rem]">
        <div className="space-y-7">
          <Asked r={r} />
          {r.state === 'refused' && <Refusal r={r} />}
          {r.state === 'completed' && r.answer && (
            <Block title="What was answered">
              <p className="whitespace-pre-wrap">{r.answer}</p>
            </Block>
          )}
          <Block title="Steps">
            <Steps r={r} />
          </Block>
        </div>
        <Facts r={r} />
      </div>
    </>
  );
}

function Block({ title, children, end }: { title: string; children: ReactNode; end?: ReactNode }) {
  return (
    <section>
      <h2 className="mb-2 flex items-center justify-between text-sm font-semibold">
        {title}
        {end}
      </h2>
      {children}
    </section>
  );
}

function Asked({ r }: { r: PrivacyRequest }) {
  const changes = Object.entries(r.changes);
  return (
    <Block title="What they ask" end={r.note || changes.length ? <Seal /> : undefined}>
      <p className="text-ink-soft">{kinds[r.kind].says}</p>
      {r.purpose && <p className="mt-1">About: {r.purpose.replaceAll('_', ' ')}</p>}
      {r.note && (
        <blockquote className="mt-3 border-l-2 border-line-strong pl-3 whitespace-pre-wrap wrap-anywhere">
          {r.note}
        </blockquote>
      )}
      {changes.length > 0 && (
        <dl className="mt-3 divide-y divide-line rounded-md border border-line">
          {changes.map(([field, value]) => (
            <div key={field} className="flex gap-4 px-3 py-2 text-sm">
              <dt className="w-28 shrink-0 text-ink-faint first-letter:uppercase">
                {field.replaceAll('_', ' ')}
              </dt>
              <dd className="min-w-0 wrap-anywhere">{value || 'nothing'}</dd>
            </div>
          ))}
        </dl>
      )}
    </Block>
  );
}

function Refusal({ r }: { r: PrivacyRequest }) {
  return (
    <Block title="Why it was refused">
      <p className="font-medium">{reasonText(r.reason)}</p>
      {r.answer && <p className="mt-1 whitespace-pre-wrap text-ink-soft">{r.answer}</p>}
      <p className="mt-2 text-sm text-ink-faint">
        They were told that they may complain
        {r.complaint?.authority ? ` to ${r.complaint.authority}.` : ' to their data protection authority.'}
      </p>
    </Block>
  );
}

function Steps({ r }: { r: PrivacyRequest }) {
  return (
    <ol className="space-y-0">
      {r.steps.map((step, i) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end.
          key={i}
          className="relative flex gap-3 pb-4 last:pb-0 before:absolute before:top-4 before:bottom-0 before:left-[4.5px] before:w-px before:bg-line-strong last:before:hidden"
        >
          <span
            className="mt-1.5 size-2.5 shrink-0 rounded-full border-2 border-ink-faint bg-surface"
            aria-hidden="true"
          />
          <span>
            <span className="block font-medium">{stepName(step.what)}</span>
            <span className="block text-sm text-ink-faint">
              {fullTime(step.at)}
              {step.by && ` · ${by(step.by)}`}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}

function by(ref: { type: string; name?: string }): string {
  if (ref.type === 'contact') return 'the person';
  if (ref.type === 'api_key') return 'your code';
  if (ref.type === 'system') return 'Botimum';
  return ref.name || 'a colleague';
}

function Facts({ r }: { r: PrivacyRequest }) {
  return (
    <dl className="h-fit space-y-4 rounded-md border border-line bg-surface p-4 text-sm">
      <Fact label="Answer by">
        {fullTime(r.due_at)}
        <span className="block text-ink-faint">The law allows until {dayOf(r.legal_due_at)}.</span>
      </Fact>
      {r.extension && (
        <Fact label="Takes longer">
          <span className="whitespace-pre-wrap wrap-anywhere">{r.extension.reason}</span>
          <span className="block text-ink-faint">
            They were told on {dayOf(r.extension.at)}
            {r.extension.by ? ` by ${by(r.extension.by)}.` : '.'}
          </span>
        </Fact>
      )}
      <Fact label="Received">{fullTime(r.received_at)}</Fact>
      {r.closed_at && <Fact label="Answered">{fullTime(r.closed_at)}</Fact>}
      <Fact label="Is it them?">{proofOf(r)}</Fact>
      {r.handler && <Fact label="In the hands of">{by(r.handler)}</Fact>}
      {r.receipt_id && (
        <Fact label="Receipt of the erasure">
          <code className="font-mono text-xs wrap-anywhere">{r.receipt_id}</code>
        </Fact>
      )}
      <Fact label="Costs them">Nothing, on every plan.</Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-ink-faint">{label}</dt>
      <dd className="mt-0.5">{children}</dd>
    </div>
  );
}

/** What can be done now, and a line that says why when nothing can. */
function Actions({ r }: { r: PrivacyRequest }) {
  const mayWrite = useCan(may.writePrivacy);
  const [asking, setAsking] = useState<'complete' | 'refuse' | 'extend' | null>(null);
  const change = useChange(r.id);
  const close = () => setAsking(null);
  const isExport = r.kind === 'access' || r.kind === 'portability';
  const hasExport = isExport && r.contact && r.proof && r.state !== 'refused' && r.state !== 'withdrawn';
  if (!hasExport && (r.closed_at || !mayWrite)) return null;
  return (
    <div className="mb-8 flex flex-wrap items-center gap-2 rounded-md border border-line bg-surface px-4 py-3">
      {!r.closed_at && mayWrite && (
        <>
          {r.state === 'received' && (
            <Button
              look="primary"
              busy={change.isPending}
              onPress={() => change.mutate({ state: 'verified' })}
            >
              I made sure it is them
            </Button>
          )}
          {r.state === 'verified' && (
            <Button busy={change.isPending} onPress={() => change.mutate({ state: 'in_progress' })}>
              Take it on
            </Button>
          )}
          {r.state !== 'received' && (
            <Button
              look={r.kind === 'erasure' ? 'loss' : 'primary'}
              icon={<FileCheck2 size={15} />}
              onPress={() => setAsking('complete')}
            >
              Carry it out
            </Button>
          )}
          <Button look="quiet" onPress={() => setAsking('refuse')}>
            Refuse…
          </Button>
          {mayExtend(r) && (
            <Button look="quiet" onPress={() => setAsking('extend')}>
              More time…
            </Button>
          )}
        </>
      )}
      {hasExport && (
        <a
          href={`/api/v1/privacy/requests/${r.id}/export`}
          download
          className="inline-flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover"
        >
          <Download size={15} aria-hidden="true" />
          Export (ZIP)
        </a>
      )}
      {r.hold && (
        <span className="inline-flex items-center gap-2 text-sm text-time-text">
          <LockKeyhole size={14} aria-hidden="true" />
          Waits for a legal hold to end, then goes on by itself.
        </span>
      )}
      {asking === 'complete' && <CompleteDialog r={r} change={change} onClose={close} />}
      {asking === 'extend' && <ExtendDialog r={r} onClose={close} />}
      {asking === 'refuse' && <RefuseDialog r={r} change={change} onClose={close} />}
    </div>
  );
}

export type Deciding = ReturnType<typeof useChange>;

function useChange(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: RequestChange) => api.changeRequest(id, change),
    onSuccess: (r) => {
      client.setQueryData(keys.request(id), r);
      void client.invalidateQueries({ queryKey: keys.requests });
      if (!r.contact) void client.invalidateQueries({ queryKey: keys.contacts });
      if (r.state === 'completed') toast('Done. The person is told.');
      if (r.state === 'refused') toast('Refused. The person is told why.');
    },
    onError: toastProblem,
  });
}
