import { useMutation } from '@tanstack/react-query';
import { Ban } from 'lucide-react';
import { api } from '../api/endpoints';
import type { Contact } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useWho } from '../contacts/rights';
import { fullTime, longAge } from '../lib/time';
import { Button } from '../ui/button';
import { toast, toastProblem } from '../ui/toast';
import { useRefresh } from './dialog';
import { reasons } from './words';

/** Says that nothing is taken from a person, why, since when and by whom, and how to let them in again. */
export function BlockedBanner({ contact: c }: { contact: Contact }) {
  const mayWrite = useCan(may.writeContacts);
  const who = useWho();
  const refresh = useRefresh(c.id);
  const lift = useMutation({
    mutationFn: () => api.unblock(c.id),
    onSuccess: () => {
      refresh();
      toast('They are let in again.');
    },
    onError: toastProblem,
  });
  if (!c.blocked) return null;
  const { reason, until, by, created_at } = c.blocked;
  return (
    <div className="mb-6 flex flex-wrap items-center justify-between gap-3 rounded-md border border-line-strong bg-sunken px-4 py-2.5 text-sm text-ink-soft">
      <p className="min-w-0 flex-1 basis-72">
        <Ban size={14} className="mr-1.5 -mt-0.5 inline" aria-hidden="true" />
        <span className="font-medium text-ink">Blocked</span> {longAge(created_at)} by {who(by)} for{' '}
        {reasons[reason].toLowerCase()}
        {until ? `, until ${fullTime(until)}` : ''}. Nothing that they write, post or vote is taken. Their
        rights over their data stay.
      </p>
      {mayWrite && (
        <Button size="sm" busy={lift.isPending} onPress={() => lift.mutate()}>
          Let in again
        </Button>
      )}
    </div>
  );
}
