import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { WebhookDelivery, WebhookEndpoint } from '../api/types';
import { fullTime, longAge, untilTime } from '../lib/time';
import { LoadProblem } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';
import { Cell, RowsSkeleton, Table } from './table';
import { deliveryStates, outcomeText } from './webhook-words';

interface Props {
  endpoints: WebhookEndpoint[];
  mayWrite: boolean;
}

/** What was sent of late, what became of it, and the way to send it again. */
export function Deliveries({ endpoints, mayWrite }: Props) {
  const [endpoint, setEndpoint] = useState('');
  const [state, setState] = useState('');
  const query = {
    ...(endpoint && { endpoint_id: endpoint }),
    ...(state && { state: state as WebhookDelivery['state'] }),
  };
  const list = useInfiniteQuery({
    queryKey: [...keys.webhookDeliveries, query],
    queryFn: ({ pageParam, signal }) => api.webhookDeliveries(query, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  });
  const host = (id: string) => {
    const found = endpoints.find((e) => e.id === id);
    return found ? new URL(found.url).host : '';
  };
  const all = list.data?.pages.flatMap((p) => p.data);
  return (
    <section className="mt-10">
      <div className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <h2 className="font-semibold">Deliveries</h2>
        <div className="flex flex-wrap items-end gap-2 max-md:w-full">
          {endpoints.length > 1 && (
            <SelectField
              className="min-w-0 max-md:flex-1"
              label="Endpoint"
              hideLabel
              value={endpoint}
              onChange={(e) => setEndpoint(e.target.value)}
            >
              <option value="">All endpoints</option>
              {endpoints.map((e) => (
                <option key={e.id} value={e.id}>
                  {new URL(e.url).host}
                </option>
              ))}
            </SelectField>
          )}
          <SelectField
            className="min-w-0 max-md:flex-1"
            label="State"
            hideLabel
            value={state}
            onChange={(e) => setState(e.target.value)}
          >
            <option value="">Any state</option>
            {Object.entries(deliveryStates).map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </SelectField>
          <Button
            icon={<RotateCw size={14} aria-hidden="true" />}
            className="h-9"
            busy={list.isRefetching}
            onPress={() => void list.refetch()}
            aria-label="Reload the deliveries"
          >
            Reload
          </Button>
        </div>
      </div>
      {list.error ? (
        <LoadProblem text={problemText(list.error)} onRetry={() => void list.refetch()} />
      ) : !all ? (
        <RowsSkeleton />
      ) : all.length === 0 ? (
        <p className="rounded-md border border-line px-4 py-6 text-center text-sm text-ink-faint">
          {endpoint || state ? 'None like that in the last 30 days.' : 'Nothing was sent yet.'}
        </p>
      ) : (
        <Table
          label="Deliveries"
          head={[
            'Event',
            'State',
            'When',
            <span key="x" className="sr-only">
              Send again
            </span>,
          ]}
        >
          {all.map((d) => (
            <Row key={d.id} d={d} host={host(d.endpoint_id)} mayWrite={mayWrite} />
          ))}
        </Table>
      )}
      {list.hasNextPage && (
        <div className="mt-4 text-center">
          <Button busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
            Earlier deliveries
          </Button>
        </div>
      )}
    </section>
  );
}

function Row({ d, host, mayWrite }: { d: WebhookDelivery; host: string; mayWrite: boolean }) {
  const client = useQueryClient();
  const replay = useMutation({
    mutationFn: () => api.replayWebhook(d.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.webhookDeliveries });
      void client.invalidateQueries({ queryKey: keys.webhooks });
      toast('On its way again, with the same webhook-id.');
    },
    onError: toastProblem,
  });
  const label = d.state === 'waiting' ? 'Send now' : 'Send again';
  const isBad = d.state === 'failed' || d.state === 'dropped';
  const again = mayWrite && d.state !== 'dropped' && (
    <Button
      size="sm"
      look="quiet"
      busy={replay.isPending}
      onPress={() => replay.mutate()}
      aria-label={`${label}: ${d.event_type} to ${host}`}
    >
      {label}
    </Button>
  );
  return (
    <tr>
      <Cell>
        <code className="block font-mono text-xs whitespace-nowrap" title={`webhook-id: ${d.event_id}`}>
          {d.event_type}
        </code>
        <span className="text-xs text-ink-faint">{host}</span>
      </Cell>
      <Cell className="min-w-44">
        <span className={isBad ? 'font-medium text-loss-text' : ''}>{deliveryStates[d.state]}</span>
        <span className="block text-xs text-ink-faint">
          <Detail d={d} />
        </span>
        {again && <span className="-ml-2.5 block md:hidden">{again}</span>}
      </Cell>
      <Cell className="whitespace-nowrap text-ink-faint tabular-nums">
        <span title={fullTime(d.attempted_at ?? d.created_at)}>
          {longAge(d.attempted_at ?? d.created_at)}
        </span>
      </Cell>
      <Cell className="text-right">
        <span className="max-md:hidden">{again}</span>
      </Cell>
    </tr>
  );
}

/** What the last attempt came to, and when the next is. */
function Detail({ d }: { d: WebhookDelivery }) {
  const parts: string[] = [];
  if (d.state === 'delivered') {
    if (d.status_code !== null)
      parts.push(`${d.status_code} in ${(d.duration_ms ?? 0).toLocaleString('en')} ms`);
  } else {
    const text = outcomeText(d);
    if (text) parts.push(text.replace(/\.$/, ''));
  }
  if (d.attempts > 1) parts.push(`${d.attempts} attempts`);
  if (d.state === 'waiting' && d.attempts > 0 && d.next_attempt_at)
    parts.push(`next at ${untilTime(d.next_attempt_at)}`);
  return parts.join(' · ');
}
