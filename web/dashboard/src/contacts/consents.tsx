import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Consent, Purpose } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime, longAge, micros } from '../lib/time';
import { Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';

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

interface ListProps {
  contactId: string;
  isCompact?: boolean;
  isEditable?: boolean;
}

function useWithdraw(contactId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (purpose: string) => api.withdrawConsent(contactId, purpose),
    onSuccess: () => {
      toast('Withdrawn. That use has stopped.');
      void client.invalidateQueries({ queryKey: keys.consents(contactId) });
    },
    onError: toastProblem,
  });
}

/** What the person agreed to, with the wording that they saw. */
export function ConsentList({ contactId, isCompact, isEditable }: ListProps) {
  const mayWrite = useCan(may.writePrivacy) && isEditable === true;
  const withdraw = useWithdraw(contactId);
  const [asking, setAsking] = useState<Purpose | null>(null);
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
  const askable = purposes.filter(
    (p) => p.lawful_basis === 'consent' && !now.some((c) => c.purpose === p.key && c.action === 'grant'),
  );
  const everGranted = (purpose: string) =>
    data.data.some((c) => c.purpose === purpose && c.action === 'grant');
  return (
    <>
      {now.length === 0 && (
        <p className="text-sm text-ink-faint">None were asked for. Answers in the chat need none.</p>
      )}
      <ul className="space-y-2">
        {now.map((c) => {
          const name = purposes.find((p) => p.key === c.purpose)?.name ?? c.purpose.replaceAll('_', ' ');
          return (
            <li key={c.id} className="text-sm">
              <p className="flex items-baseline justify-between gap-3">
                <span className="first-letter:uppercase">{name}</span>
                <span className="shrink-0 text-xs text-ink-faint" title={fullTime(c.created_at)}>
                  <span className="font-medium text-ink-soft">
                    {c.action === 'grant' ? 'Granted' : everGranted(c.purpose) ? 'Withdrawn' : 'Refused'}
                  </span>
                  {!isCompact && `, ${longAge(c.created_at)}`}
                </span>
              </p>
              {!isCompact && (
                <p className="mt-0.5 text-sm text-ink-faint">
                  “{c.wording}”{' '}
                  <span className="text-xs">
                    version {c.version}, {c.locale}, {c.source}
                    {c.evidence && `, ${c.evidence}`}
                  </span>
                </p>
              )}
              {mayWrite && c.action === 'grant' && (
                <Button
                  size="sm"
                  className="mt-1.5"
                  busy={withdraw.isPending}
                  onPress={() => withdraw.mutate(c.purpose)}
                >
                  Withdraw
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {mayWrite && askable.length > 0 && (
        <div className="mt-3 flex flex-wrap gap-2">
          {askable.map((p) => (
            <Button key={p.key} size="sm" look="quiet" onPress={() => setAsking(p)}>
              They agreed to: {p.name}…
            </Button>
          ))}
        </div>
      )}
      {asking && <GrantDialog contactId={contactId} purpose={asking} onClose={() => setAsking(null)} />}
    </>
  );
}

interface GrantProps {
  contactId: string;
  purpose: Purpose;
  onClose: () => void;
}

/** Records a consent that was given elsewhere: with the wording that was shown, and how it was given. */
function GrantDialog({ contactId, purpose, onClose }: GrantProps) {
  const client = useQueryClient();
  const [evidence, setEvidence] = useState('');
  const grant = useMutation({
    mutationFn: () =>
      api.grantConsent(contactId, {
        purpose: purpose.key,
        version: purpose.version,
        evidence: evidence.trim(),
      }),
    onSuccess: () => {
      toast('Recorded.');
      void client.invalidateQueries({ queryKey: keys.consents(contactId) });
      onClose();
    },
  });
  const submit = () => {
    if (evidence.trim() && !grant.isPending) grant.mutate();
  };
  return (
    <Dialog
      title={`Consent to: ${purpose.name}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" isDisabled={!evidence.trim()} busy={grant.isPending} onPress={submit}>
            Record it
          </Button>
        </>
      }
    >
      <p className="mt-1 text-ink-soft">Only if they said so themselves, to exactly these words:</p>
      <blockquote className="my-3 border-l-2 border-line-strong pl-3 text-ink-soft">
        “{purpose.wording}”
      </blockquote>
      <TextField
        label="How they gave it"
        hint="Such as “on the phone on 3 May” or “paper form 12”. Sealed, and shown to them."
        autoFocus
        maxLength={1000}
        value={evidence}
        onChange={(e) => setEvidence(e.target.value)}
        onKeyDown={(e) => e.key === 'Enter' && submit()}
        problem={grant.error ? problemText(grant.error) : undefined}
      />
    </Dialog>
  );
}
