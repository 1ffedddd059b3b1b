import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, Ellipsis, KeyRound, Pencil, Plus, Power, Send, Trash2, Webhook } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { WebhookEndpoint, WebhookOutcome } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, longAge } from '../lib/time';
import { Empty, LoadProblem, Tag } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Menu } from '../ui/menu';
import { toast, toastProblem } from '../ui/toast';
import { SettingsPage } from './layout';
import { RowsSkeleton } from './table';
import { Deliveries } from './webhook-deliveries';
import { EndpointDialog, RemoveDialog, RotateDialog } from './webhook-dialogs';
import { offText, outcomeText } from './webhook-words';

type Open = { what: 'add' } | { what: 'edit' | 'rotate' | 'remove'; endpoint: WebhookEndpoint } | null;

/** Where the customer's own systems are told of events, and what became of each delivery. */
export function WebhooksPage() {
  const mayWrite = useCan(may.writeWebhooks);
  const list = useQuery({
    queryKey: keys.webhooks,
    queryFn: ({ signal }) => api.webhooks(signal),
    staleTime: 0,
  });
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const add = mayWrite && (
    <Button icon={<Plus size={15} />} onPress={() => setOpen({ what: 'add' })}>
      Add an endpoint
    </Button>
  );
  const endpoints = list.data?.data;
  return (
    <SettingsPage
      title="Webhooks"
      intro="Your own systems are told what happens here, signed, and again until they answer. What they are told is made when it is sent and stored nowhere: of somebody who was erased meanwhile, only ids leave."
      action={endpoints?.length ? add : null}
    >
      {list.error ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : !endpoints ? (
        <RowsSkeleton />
      ) : endpoints.length === 0 ? (
        <Empty icon={<Webhook size={22} strokeWidth={1.6} />} title="Nobody is told yet" action={add}>
          Add the address of a system that keeps data about the same people, so that it learns when one of
          them is corrected or erased.
        </Empty>
      ) : (
        <>
          <ul className="space-y-3">
            {endpoints.map((e) => (
              <EndpointCard key={e.id} endpoint={e} mayWrite={mayWrite} onOpen={setOpen} />
            ))}
          </ul>
          <Deliveries endpoints={endpoints} mayWrite={mayWrite} />
        </>
      )}
      {open?.what === 'add' && <EndpointDialog onClose={close} />}
      {open?.what === 'edit' && <EndpointDialog endpoint={open.endpoint} onClose={close} />}
      {open?.what === 'rotate' && <RotateDialog endpoint={open.endpoint} onClose={close} />}
      {open?.what === 'remove' && <RemoveDialog endpoint={open.endpoint} onClose={close} />}
    </SettingsPage>
  );
}

interface CardProps {
  endpoint: WebhookEndpoint;
  mayWrite: boolean;
  onOpen: (open: Open) => void;
}

const shownTypes = 4;

function EndpointCard({ endpoint: e, mayWrite, onOpen }: CardProps) {
  const test = useMutation({ mutationFn: () => api.testWebhook(e.id), onError: toastProblem, gcTime: 0 });
  const url = new URL(e.url);
  const more = e.event_types.length - shownTypes;
  return (
    <li className="overflow-hidden rounded-md border border-line">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3 px-4 py-3.5">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="wrap-anywhere">
            <span className="font-semibold">{url.host}</span>
            <span className="text-ink-faint">
              {url.pathname}
              {url.search}
            </span>
          </h2>
          <ul aria-label="Told of" className="mt-2 flex flex-wrap gap-1">
            {e.event_types.slice(0, shownTypes).map((t) => (
              <li key={t}>
                <Tag>{t}</Tag>
              </li>
            ))}
            {more > 0 && (
              <li title={e.event_types.slice(shownTypes).join(', ')}>
                <Tag>and {more} more</Tag>
              </li>
            )}
          </ul>
          <Standing endpoint={e} />
        </div>
        {mayWrite && (
          <div className="flex items-center gap-1">
            <Button
              size="sm"
              icon={<Send size={14} aria-hidden="true" />}
              busy={test.isPending}
              onPress={() => test.mutate()}
              aria-label={`Test ${url.host}`}
            >
              Test
            </Button>
            <More endpoint={e} onOpen={onOpen} />
          </div>
        )}
      </div>
      <TestResult outcome={test.data} />
      {e.state === 'off' && <OffNotice endpoint={e} mayWrite={mayWrite} />}
    </li>
  );
}

function Standing({ endpoint: e }: { endpoint: WebhookEndpoint }) {
  const parts = [
    e.waiting > 0 && `${e.waiting.toLocaleString('en')} waiting`,
    e.old_secret_until && `the old secret signs, too, until ${fullTime(e.old_secret_until)}`,
  ].filter(Boolean);
  return (
    <p className="mt-2 text-sm text-ink-faint">
      {e.state === 'on' && e.failing_since ? (
        <span className="font-medium text-time-text" title={fullTime(e.failing_since)}>
          First failed {longAge(e.failing_since)}; it is tried again
        </span>
      ) : (
        <span className={e.state === 'on' ? 'text-ink-soft' : ''}>{e.state === 'on' ? 'On' : 'Off'}</span>
      )}
      {parts.map((p) => ` · ${p}`)}
    </p>
  );
}

function TestResult({ outcome }: { outcome: WebhookOutcome | undefined }) {
  return (
    <p role="status" className={outcome ? 'border-t border-line bg-sunken px-4 py-2.5 text-sm' : 'hidden'}>
      {outcome && (
        <>
          <span className={`font-medium ${outcome.delivered ? '' : 'text-loss-text'}`}>
            {outcome.delivered ? 'The test arrived.' : 'The test did not arrive.'}
          </span>{' '}
          <span className="text-ink-soft">
            {outcomeText(outcome)} It took {outcome.duration_ms.toLocaleString('en')} ms.
          </span>
        </>
      )}
    </p>
  );
}

function OffNotice({ endpoint: e, mayWrite }: { endpoint: WebhookEndpoint; mayWrite: boolean }) {
  const { change, isPending } = useSwitch(e);
  return (
    <div
      className={`flex flex-wrap items-center gap-x-4 gap-y-2 border-t px-4 py-2.5 text-sm ${e.off_reason === 'operator' ? 'border-line bg-sunken text-ink-soft' : 'border-time-line bg-time-soft text-time-text'}`}
    >
      <CircleAlert size={15} aria-hidden="true" className="shrink-0" />
      <span className="min-w-0 flex-1 basis-56">{offText(e)}</span>
      {mayWrite && (
        <Button size="sm" busy={isPending} onPress={() => change('on')}>
          Switch on
        </Button>
      )}
    </div>
  );
}

function useSwitch(e: WebhookEndpoint) {
  const client = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: (state: 'on' | 'off') => api.changeWebhook(e.id, { state }),
    onSuccess: (_, state) => {
      void client.invalidateQueries({ queryKey: keys.webhooks });
      toast(state === 'on' ? 'Switched on. What waited goes out now.' : 'Switched off. What happens waits.');
    },
    onError: toastProblem,
  });
  return { change: mutate, isPending };
}

function More({ endpoint, onOpen }: { endpoint: WebhookEndpoint; onOpen: (open: Open) => void }) {
  const { change } = useSwitch(endpoint);
  const isOn = endpoint.state === 'on';
  return (
    <Menu
      label="Endpoint"
      placement="bottom end"
      trigger={
        <IconButton label={`More for ${new URL(endpoint.url).host}`}>
          <Ellipsis size={16} />
        </IconButton>
      }
      groups={[
        {
          id: 'change',
          items: [
            {
              id: 'edit',
              label: 'Edit…',
              icon: <Pencil size={15} />,
              onAction: () => onOpen({ what: 'edit', endpoint }),
            },
            {
              id: 'rotate',
              label: 'New secret…',
              icon: <KeyRound size={15} />,
              onAction: () => onOpen({ what: 'rotate', endpoint }),
            },
            {
              id: 'switch',
              label: isOn ? 'Switch off' : 'Switch on',
              icon: <Power size={15} />,
              onAction: () => change(isOn ? 'off' : 'on'),
            },
          ],
        },
        {
          id: 'end',
          items: [
            {
              id: 'remove',
              label: 'Remove…',
              icon: <Trash2 size={15} />,
              isLoss: true,
              onAction: () => onOpen({ what: 'remove', endpoint }),
            },
          ],
        },
      ]}
    />
  );
}
