import { CircleAlert, Ellipsis, Pencil, Power, Send, Trash2 } from 'lucide-react';
import { fullTime, longAge } from '../lib/time';
import { Button, IconButton } from '../ui/button';
import { Menu } from '../ui/menu';
import { toast, toastProblem } from '../ui/toast';
import { enrichment, type Provider, type Tried, useChange } from './data';
import type { Open } from './settings';
import { askedText, fieldText, outcomeText } from './words';

interface Props {
  provider: Provider;
  mayWrite: boolean;
  onOpen: (open: Open) => void;
}

/** A provider: who is told what, how much of it today, and what went wrong last. */
export function ProviderCard({ provider: p, mayWrite, onOpen }: Props) {
  const test = useChange(() => enrichment.test(p.id));
  return (
    <li className="overflow-hidden rounded-md border border-line">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3 px-4 py-3.5">
        <div className="min-w-0 flex-1 basis-64">
          <h3 className="flex flex-wrap items-center gap-x-2.5">
            <span className="font-semibold wrap-anywhere">{p.name}</span>
            <span className={`text-sm ${p.state === 'on' ? 'text-accent-text' : 'text-ink-faint'}`}>
              {p.state === 'on' ? 'On' : 'Off'}
            </span>
          </h3>
          <p className="mt-0.5 text-sm text-ink-soft wrap-anywhere">
            {p.host || 'The company’s own website'} is told {askedText(p.asks)}
            {p.has_secret && ', with your secret'}.
          </p>
          <Budget provider={p} />
        </div>
        {mayWrite && (
          <div className="flex items-center gap-1">
            <Button
              size="sm"
              icon={<Send size={14} aria-hidden="true" />}
              busy={test.isPending}
              onPress={() => test.mutate(undefined, { onError: toastProblem })}
              aria-label={`Test ${p.name} by your own address`}
            >
              Test
            </Button>
            <More provider={p} onOpen={onOpen} />
          </div>
        )}
      </div>
      <TestResult tried={test.data} />
      <LastError provider={p} />
    </li>
  );
}

function Budget({ provider: p }: { provider: Provider }) {
  return (
    <div className="mt-2.5 flex max-w-sm flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-faint tabular-nums">
      {p.used_today > 0 && (
        <progress
          className="h-1.5 w-28 accent-accent"
          max={p.per_day}
          value={Math.min(p.used_today, p.per_day)}
          aria-label={`Used today at ${p.name}`}
        />
      )}
      <span>
        {p.used_today.toLocaleString('en')} of {p.per_day.toLocaleString('en')} used today
        {p.waiting > 0 && ` · ${p.waiting.toLocaleString('en')} waiting`}
      </span>
    </div>
  );
}

function TestResult({ tried: t }: { tried: Tried | undefined }) {
  const isFound = t?.outcome === 'found';
  const isFine = isFound || t?.outcome === 'unknown';
  return (
    <div role="status" className={t ? 'border-t border-line bg-sunken px-4 py-2.5 text-sm' : 'hidden'}>
      {t && (
        <>
          <p>
            <span className={`font-medium ${isFine ? '' : 'text-loss-text'}`}>
              {isFound ? 'It knows your own address.' : `${outcomeText(t.outcome)}.`}
            </span>{' '}
            <span className="text-ink-soft">
              Nothing of it is kept. It took {t.duration_ms.toLocaleString('en')} ms.
            </span>
          </p>
          {isFound && (
            <dl className="mt-1 flex flex-wrap gap-x-5 gap-y-0.5">
              {Object.entries(t.fields).map(([field, value]) => (
                <div key={field} className="flex gap-1.5">
                  <dt className="text-ink-faint">{fieldText(field)}</dt>
                  <dd className="wrap-anywhere">{value}</dd>
                </div>
              ))}
              {t.has_picture && (
                <div>
                  <dt className="sr-only">Picture</dt>
                  <dd>and a picture</dd>
                </div>
              )}
            </dl>
          )}
        </>
      )}
    </div>
  );
}

function LastError({ provider: p }: { provider: Provider }) {
  const isBlocked = p.blocked_until !== null && Date.parse(p.blocked_until) > Date.now();
  if (!p.last_error && !isBlocked) return null;
  return (
    <p className="flex items-start gap-2.5 border-t border-time-line bg-time-soft px-4 py-2.5 text-sm text-time-text">
      <CircleAlert size={15} aria-hidden="true" className="mt-0.5 shrink-0" />
      <span>
        {p.last_error && (
          <>
            {outcomeText(p.last_error)}
            {p.last_error_at && <span title={fullTime(p.last_error_at)}>, {longAge(p.last_error_at)}</span>}.{' '}
          </>
        )}
        {isBlocked && p.blocked_until && `It is asked again from ${fullTime(p.blocked_until)}.`}
      </span>
    </p>
  );
}

function More({ provider: p, onOpen }: Omit<Props, 'mayWrite'>) {
  const isOn = p.state === 'on';
  const change = useChange(
    () => enrichment.changeProvider(p.id, { state: isOn ? 'off' : 'on' }),
    () => toast(isOn ? 'Switched off. Nobody is asked about there.' : 'Switched on.'),
  );
  return (
    <Menu
      label={p.name}
      placement="bottom end"
      trigger={
        <IconButton label={`More for ${p.name}`}>
          <Ellipsis size={16} />
        </IconButton>
      }
      groups={[
        {
          id: 'change',
          items: [
            {
              id: 'switch',
              label: isOn ? 'Switch off' : 'Switch on',
              icon: <Power size={15} />,
              onAction: () => change.mutate(undefined, { onError: toastProblem }),
            },
            {
              id: 'edit',
              label: 'Edit…',
              icon: <Pencil size={15} />,
              onAction: () => onOpen({ what: 'edit', provider: p }),
            },
          ],
        },
        {
          id: 'end',
          items: [
            {
              id: 'remove',
              label: 'Remove with what it found…',
              icon: <Trash2 size={15} />,
              isLoss: true,
              onAction: () => onOpen({ what: 'remove', provider: p }),
            },
          ],
        },
      ]}
    />
  );
}
