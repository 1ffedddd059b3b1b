import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import { problemText } from '../../api/problem';
import type { ContactDevice } from '../../api/types';
import { fullTime, longAge } from '../../lib/time';
import { Seal, Skeleton } from '../../ui/bits';
import { Card } from './block';
import type { PartProps } from './parts';

const countries = new Intl.DisplayNames('en', { type: 'region' });
const languages = new Intl.DisplayNames('en', { type: 'language' });

/** What is told of a browser in words: a term and what stands for it, only what was kept. */
export function factsOf(d: Omit<ContactDevice, 'id' | 'seen_at'>): [term: string, text: string][] {
  const from = d.place_from === 'time_zone' ? 'its time zone' : 'its language';
  const all: [string, string][] = [
    ['Browser', [d.browser, d.system].filter(Boolean).join(' on ')],
    ['Network', d.network],
    ['Place', d.place && `about ${countries.of(d.place)}, by ${from}`],
    ['Language', d.language && (languages.of(d.language) ?? d.language)],
    ['Page', d.page],
    ['Came from', d.referrer],
  ];
  return all.filter(([, text]) => text);
}

export function Facts({ facts }: { facts: [string, string][] }) {
  return (
    <dl className="space-y-1 text-sm">
      {facts.map(([term, text]) => (
        <div key={term} className="flex gap-3">
          <dt className="w-20 shrink-0 text-ink-faint">{term}</dt>
          <dd className="min-w-0 break-words">
            <bdi>{text}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The browsers in which this person did something, where the workspace keeps that. Nothing stands here otherwise. */
export default function DevicesCard({ contact }: PartProps) {
  const list = useQuery({
    queryKey: keys.devices(contact.id),
    queryFn: ({ signal }) => api.contactDevices(contact.id, signal),
    staleTime: 30_000,
  });
  if (list.isPending) return <Skeleton className="h-8" />;
  if (!list.error && list.data.data.length === 0) return null;
  return (
    <Card title="Technical data" end={<Seal label="Sealed with a key of their own" />}>
      {list.error ? (
        <p className="text-sm text-ink-faint">{problemText(list.error)}</p>
      ) : (
        <ul className="max-h-80 space-y-3 overflow-y-auto">
          {list.data.data.map((d) => (
            <li key={d.id}>
              <time dateTime={d.seen_at} title={fullTime(d.seen_at)} className="text-xs text-ink-faint">
                {longAge(d.seen_at)}
              </time>
              <Facts facts={factsOf(d)} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
