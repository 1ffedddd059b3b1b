import { useQuery } from '@tanstack/react-query';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Consent, Purpose } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, longAge, micros } from '../lib/time';
import { Skeleton } from '../ui/bits';

/** The newest word on each purpose: what a person agreed to, or took back. */
export function standing(consents: Consent[]): Consent[] {
  const newest = new Map<string, Consent>();
  for (const c of consents) {
    const held = newest.get(c.purpose);
    if (!held || micros(c.created_at) > micros(held.created_at)) newest.set(c.purpose, c);
  }
  return [...newest.values()].sort((a, b) => a.purpose.localeCompare(b.purpose));
}

export function usePurposes(): Purpose[] {
  const isEnabled = useCan(may.readPrivacy);
  return (
    useQuery({ queryKey: keys.purposes, queryFn: ({ signal }) => api.purposes(signal), enabled: isEnabled })
      .data?.data ?? []
  );
}

/** What the person agreed to, with the wording that they saw. */
export function ConsentList({ contactId, isCompact }: { contactId: string; isCompact?: boolean }) {
  const purposes = usePurposes();
  const isAllowed = useCan(may.readPrivacy);
  const { data, error, isPending } = useQuery({
    queryKey: keys.consents(contactId),
    queryFn: ({ signal }) => api.consents(contactId, signal),
    enabled: isAllowed,
  });
  if (!isAllowed) return <p className="text-sm text-ink-faint">Your role does not show consents.</p>;
  if (isPending) return <Skeleton className="h-3 w-3/5" />;
  if (error) return <p className="text-sm text-ink-faint">{problemText(error)}</p>;
  const now = standing(data.data);
  if (!now.length)
    return <p className="text-sm text-ink-faint">None were asked for. Answers in the chat need none.</p>;
  return (
    <ul className="space-y-2">
      {now.map((c) => {
        const name = purposes.find((p) => p.key === c.purpose)?.name ?? c.purpose.replaceAll('_', ' ');
        return (
          <li key={c.id} className="text-sm">
            <p className="flex items-baseline justify-between gap-3">
              <span className="first-letter:uppercase">{name}</span>
              <span className="shrink-0 text-xs text-ink-faint" title={fullTime(c.created_at)}>
                <span className="font-medium text-ink-soft">
                  {c.action === 'grant' ? 'Granted' : 'Withdrawn'}
                </span>
                {!isCompact && `, ${longAge(c.created_at)}`}
              </span>
            </p>
            {!isCompact && (
              <p className="mt-0.5 text-sm text-ink-faint">
                “{c.wording}”{' '}
                <span className="text-xs">
                  version {c.version}, {c.source}
                </span>
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
