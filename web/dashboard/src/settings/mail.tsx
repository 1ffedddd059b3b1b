import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, MailCheck, Send } from 'lucide-react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Mail, MailStatus, MailTrouble } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, longAge } from '../lib/time';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { toast, toastProblem } from '../ui/toast';
import { SettingsPage } from './layout';
import { mailName, reasonText, stateNames } from './mail-words';
import { Cell, RowsSkeleton, Table } from './table';

/** Whether mail goes out, what waits or failed, and what was sent of late. */
export function MailPage() {
  const status = useQuery({ queryKey: keys.mail, queryFn: ({ signal }) => api.mail(signal), staleTime: 0 });
  return (
    <SettingsPage
      title="Mail"
      intro="Links and notices that people get by mail, such as the answer to a privacy request. Addresses and texts are sealed, so neither stands here."
      action={<TestButton />}
    >
      {status.error ? (
        <LoadProblem text={problemText(status.error)} onRetry={() => void status.refetch()} />
      ) : status.isPending ? (
        <Skeleton className="mb-7 h-44" />
      ) : (
        <StatusCard status={status.data} />
      )}
      <RecentMails />
    </SettingsPage>
  );
}

/** Queues a test mail to whoever presses it. */
function TestButton() {
  const queries = useQueryClient();
  const canAsk = useCan(may.writeWorkspace);
  const test = useMutation({
    mutationFn: api.testMail,
    onSuccess: (status) => {
      queries.setQueryData(keys.mail, status);
      void queries.invalidateQueries({ queryKey: keys.mails });
      toast(status.configured ? 'A test mail is on its way to you.' : 'The test mail waits with the others.');
    },
    onError: toastProblem,
  });
  if (!canAsk) return null;
  return (
    <Button icon={<Send size={15} aria-hidden="true" />} busy={test.isPending} onPress={() => test.mutate()}>
      Send a test mail to me
    </Button>
  );
}

function StatusCard({ status }: { status: MailStatus }) {
  const stuck = status.troubles.find((t) => t.state === 'queued');
  return (
    <section aria-label="State" className="mb-8 overflow-hidden rounded-md border border-line">
      <Headline status={status} stuck={stuck} />
      <dl className="grid grid-cols-2 gap-px border-t border-line bg-line md:grid-cols-4">
        <Figure label="Waiting" value={status.waiting} />
        <Figure label="Held back" value={status.held} />
        <Figure label="Sent in 30 days" value={status.sent} />
        <Figure label="Failed" value={status.failed} isLoss={status.failed > 0} />
      </dl>
      {status.troubles.length > 0 && <Troubles all={status.troubles} />}
    </section>
  );
}

function Headline({ status, stuck }: { status: MailStatus; stuck: MailTrouble | undefined }) {
  if (!status.configured) {
    return (
      <div className="bg-time-soft px-4 py-4 text-sm text-time-text">
        <h2 className="flex items-center gap-2 font-semibold">
          <CircleAlert size={16} aria-hidden="true" />
          No mail server is set up, so mails wait here.
        </h2>
        <p className="mt-1.5 max-w-xl">
          They go out as soon as there is one, and are removed after 30 days. Whoever runs this server starts
          it with these two settings:
        </p>
        <pre className="mt-3 overflow-x-auto rounded-sm border border-time-line bg-surface px-3 py-2 font-mono text-xs whitespace-pre-wrap text-ink wrap-anywhere">
          <code>{'--smtp-url smtp://USER:PASSWORD@HOST:587\n--mail-from help@example.com'}</code>
        </pre>
      </div>
    );
  }
  if (stuck) {
    return (
      <div className="bg-time-soft px-4 py-4 text-sm text-time-text">
        <h2 className="flex items-center gap-2 font-semibold">
          <CircleAlert size={16} aria-hidden="true" />
          Mail is held up, and tried again by itself.
        </h2>
        <p className="mt-1.5">{reasonText(stuck.code)}</p>
      </div>
    );
  }
  return (
    <div className="px-4 py-4 text-sm">
      <h2 className="flex items-center gap-2 font-semibold">
        <MailCheck size={16} className="text-ink-faint" aria-hidden="true" />
        Mail goes out.
      </h2>
      <p className="mt-1.5 text-ink-soft">
        From <span className="font-medium text-ink wrap-anywhere">{status.from}</span>
        {status.last_sent_at ? `, last ${longAge(status.last_sent_at)}.` : '. Nothing was sent yet.'}
      </p>
    </div>
  );
}

function Figure({ label, value, isLoss }: { label: string; value: number; isLoss?: boolean }) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="text-xs text-ink-faint">{label}</dt>
      <dd className={`text-lg font-semibold tabular-nums ${isLoss ? 'text-loss-text' : ''}`}>
        {value.toLocaleString('en')}
      </dd>
    </div>
  );
}

function Troubles({ all }: { all: MailTrouble[] }) {
  return (
    <ul aria-label="Why mails do not go out" className="divide-y divide-line border-t border-line text-sm">
      {all.map((t) => (
        <li key={`${t.state} ${t.code}`} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2.5">
          <span className="w-8 text-right font-medium tabular-nums">{t.count}</span>
          <span className="min-w-0 flex-1">{reasonText(t.code)}</span>
          <span className="text-xs text-ink-faint">
            {stateNames[t.state]}, {longAge(t.last_at)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function RecentMails() {
  const list = useInfiniteQuery({
    queryKey: keys.mails,
    queryFn: ({ pageParam, signal }) => api.mails(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  });
  if (list.error) return <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <RowsSkeleton />;
  const mails = list.data.pages.flatMap((p) => p.data);
  return (
    <section>
      <h2 className="mb-3 font-semibold">Lately</h2>
      {mails.length === 0 ? (
        <p className="text-sm text-ink-faint">No mail was written yet.</p>
      ) : (
        <Table label="Mails" head={['What', 'To', 'State', 'When']}>
          {mails.map((m) => (
            <MailRow key={m.id} m={m} />
          ))}
        </Table>
      )}
      {list.hasNextPage && (
        <div className="mt-4 text-center">
          <Button busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
            Earlier mails
          </Button>
        </div>
      )}
    </section>
  );
}

/** What a mail told is kept 72 hours after it failed; so long it can be sent again. */
function TryAgain({ m }: { m: Mail }) {
  const queries = useQueryClient();
  const canAsk = useCan(may.writeWorkspace);
  const retry = useMutation({
    mutationFn: () => api.retryMail(m.id),
    onSuccess: () => toast('It is tried again now.'),
    onError: toastProblem,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: keys.mail });
      void queries.invalidateQueries({ queryKey: keys.mails });
    },
  });
  if (!canAsk || !m.retry_until || Date.parse(m.retry_until) <= Date.now()) return null;
  return (
    <span className="mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-faint">
      <Button
        size="sm"
        busy={retry.isPending}
        onPress={() => retry.mutate()}
        aria-label={`Try again: ${mailName(m.template)}`}
      >
        Try again
      </Button>
      until {fullTime(m.retry_until)}
    </span>
  );
}

function MailRow({ m }: { m: Mail }) {
  return (
    <tr>
      <Cell className="font-medium whitespace-nowrap">{mailName(m.template)}</Cell>
      <Cell className="whitespace-nowrap text-ink-soft">{m.operator_id ? 'An operator' : 'A contact'}</Cell>
      <Cell>
        <span className={m.state === 'failed' ? 'text-loss-text' : ''}>{stateNames[m.state]}</span>
        {m.code && <span className="block text-xs text-ink-faint">{reasonText(m.code)}</span>}
        {m.retry_until && <TryAgain m={m} />}
      </Cell>
      <Cell className="whitespace-nowrap text-ink-soft tabular-nums">
        {fullTime(m.finished_at ?? m.created_at)}
      </Cell>
    </tr>
  );
}
