import { useNavigate, useParams } from '@tanstack/react-router';
import { Merge as MergeIcon } from 'lucide-react';
import { useEffect } from 'react';
import type { Contact } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { fullTime } from '../lib/time';
import { Button } from '../ui/button';
import { type Merge, useMerges, useUndoMerge } from './data';

/** Says who was merged into a person, and takes it back while that is possible. */
export function MergedNotice({ contact }: { contact: Contact }) {
  const { contactId } = useParams({ from: '/shell/contacts/$contactId' });
  const navigate = useNavigate();
  useEffect(() => {
    if (contactId !== contact.id) {
      void navigate({ to: '/contacts/$contactId', params: { contactId: contact.id }, replace: true });
    }
  }, [contactId, contact.id, navigate]);
  const isMerged = (contact.merged_ids ?? []).length > 0;
  const merges = useMerges(contact.id, isMerged);
  const inForce = isMerged ? (merges.data?.data ?? []).filter((m) => !m.undone_at) : [];
  if (inForce.length === 0) return null;
  return (
    <ul className="mb-6 divide-y divide-line rounded-md border border-line bg-sunken">
      {inForce.map((m) => (
        <Line key={m.id} merge={m} />
      ))}
    </ul>
  );
}

function Line({ merge: m }: { merge: Merge }) {
  const mayWrite = useCan(may.writeContacts);
  const undo = useUndoMerge();
  const day = fullTime(m.created_at).split(',')[0];
  const who = m.merged_name || (m.source === 'identity' ? 'what they did before signing in' : 'a visitor');
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-2.5 text-sm text-ink-soft">
      <p className="flex min-w-0 items-center gap-2.5">
        <MergeIcon size={15} aria-hidden="true" className="shrink-0 text-ink-faint" />
        <span className="min-w-0">
          Merged with <span className="font-medium text-ink">{who}</span> on {day}
          {m.source === 'identity' && m.merged_name ? ', who wrote before signing in' : ''}.
        </span>
      </p>
      {mayWrite && m.undo_until && (
        <Button
          size="sm"
          aria-label={`Undo the merge with ${who}`}
          busy={undo.isPending}
          onPress={() => undo.mutate(m)}
        >
          Undo
        </Button>
      )}
    </li>
  );
}
