import { useMutation } from '@tanstack/react-query';
import { Ban } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '../api/endpoints';
import type { Contact } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { displayName } from '../lib/names';
import { toast, toastProblem } from '../ui/toast';

const BlockDialog = lazy(async () => ({ default: (await import('./dialog')).BlockDialog }));

/** Blocks who one is talking with, or says that they are blocked and lets them in again. */
export function BlockHere({ contact: c, onChange }: { contact: Contact; onChange: () => void }) {
  const mayWrite = useCan(may.writeContacts);
  const [isAsking, setAsking] = useState(false);
  const lift = useMutation({
    mutationFn: () => api.unblock(c.id),
    onSuccess: () => {
      onChange();
      toast('They are let in again.');
    },
    onError: toastProblem,
  });
  const link = 'font-medium text-ink-soft underline underline-offset-2 hover:text-ink';
  if (!c.blocked && !mayWrite) return null;
  return (
    <p className="mt-3 flex flex-wrap items-center gap-x-3 text-sm">
      {c.blocked && (
        <span className="inline-flex items-center gap-1.5 font-medium">
          <Ban size={14} aria-hidden="true" />
          Blocked
        </span>
      )}
      {mayWrite && (
        <button
          type="button"
          className={link}
          disabled={lift.isPending}
          onClick={() => (c.blocked ? lift.mutate() : setAsking(true))}
        >
          {c.blocked ? 'Let in again' : 'Block…'}
        </button>
      )}
      {isAsking && (
        <Suspense fallback={null}>
          <BlockDialog id={c.id} name={displayName(c)} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </p>
  );
}
