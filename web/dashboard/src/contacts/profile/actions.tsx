import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Ban, Ellipsis, Eraser, Merge, MessageSquarePlus, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { api } from '../../api/endpoints';
import { keys } from '../../api/keys';
import type { Contact, ErasureReceipt } from '../../api/types';
import { may } from '../../app/permissions';
import { useCan } from '../../app/session';
import { displayName } from '../../lib/names';
import { fullTime } from '../../lib/time';
import { Button, IconButton } from '../../ui/button';
import { Menu } from '../../ui/menu';
import { toast, toastProblem } from '../../ui/toast';
import { EraseDialog } from '../erase';
import { WriteDialog } from '../write';

const BlockDialog = lazy(async () => ({ default: (await import('../../blocking/dialog')).BlockDialog }));
const MergeDialog = lazy(async () => ({ default: (await import('../../merging/dialog')).MergeDialog }));

/** What can be done with a person as a whole. */
export function Actions({
  contact,
  onErased,
}: {
  contact: Contact;
  onErased: (receipt: ErasureReceipt) => void;
}) {
  const mayWrite = useCan(may.writeContacts);
  const mayErase = useCan(may.eraseContacts);
  const mayAnswer = useCan(may.writeInbox);
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'erase' | 'merge' | 'write' | 'block' | null>(null);
  const bin = useMutation({
    mutationFn: () => api.binContact(contact.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.contacts });
      void client.invalidateQueries({ queryKey: keys.contact(contact.id) });
      void navigate({ to: '/contacts' });
      const restore = async () => {
        await api.restoreContact(contact.id).catch(toastProblem);
        void client.invalidateQueries({ queryKey: keys.contacts });
        void client.invalidateQueries({ queryKey: keys.contact(contact.id) });
      };
      toast('Moved to the bin. In 30 days it is erased.', {
        action: { label: 'Undo', run: () => void restore() },
      });
    },
    onError: toastProblem,
  });
  const items = [
    mayWrite &&
      !contact.restricted_at &&
      !contact.deleted_at && {
        id: 'merge',
        label: 'Merge with…',
        icon: <Merge size={15} />,
        onAction: () => setDialog('merge'),
      },
    mayWrite &&
      !contact.restricted_at &&
      !contact.deleted_at && {
        id: 'bin',
        label: 'Move to the bin',
        icon: <Trash2 size={15} />,
        onAction: () => bin.mutate(),
      },
    mayWrite &&
      !contact.blocked && {
        id: 'block',
        label: 'Block…',
        icon: <Ban size={15} />,
        onAction: () => setDialog('block'),
      },
    mayErase && {
      id: 'erase',
      label: 'Erase for good…',
      icon: <Eraser size={15} />,
      isLoss: true,
      onAction: () => setDialog('erase'),
    },
  ].filter((i) => i !== false);
  return (
    <div className="ml-auto flex items-center gap-1">
      {mayAnswer && !contact.restricted_at && (
        <Button icon={<MessageSquarePlus size={15} />} onPress={() => setDialog('write')}>
          Write
        </Button>
      )}
      {items.length > 0 && (
        <Menu
          label="More"
          placement="bottom end"
          groups={[{ id: 'end', items }]}
          trigger={
            <IconButton label="Merge, block, bin or erase">
              <Ellipsis size={18} />
            </IconButton>
          }
        />
      )}
      {dialog === 'erase' && (
        <EraseDialog contact={contact} onClose={() => setDialog(null)} onErased={onErased} />
      )}
      {dialog === 'merge' && (
        <Suspense fallback={null}>
          <MergeDialog survivor={contact} onClose={() => setDialog(null)} />
        </Suspense>
      )}
      {dialog === 'block' && (
        <Suspense fallback={null}>
          <BlockDialog id={contact.id} name={displayName(contact)} onClose={() => setDialog(null)} />
        </Suspense>
      )}
      {dialog === 'write' && <WriteDialog contact={contact} onClose={() => setDialog(null)} />}
    </div>
  );
}

/** Says that the clock runs, and how to stop it. */
export function InBin({ contact, since }: { contact: Contact; since: string }) {
  const mayWrite = useCan(may.writeContacts);
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () => api.restoreContact(contact.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.contacts });
      void client.invalidateQueries({ queryKey: keys.contact(contact.id) });
      toast('Back among your contacts.');
    },
    onError: toastProblem,
  });
  const erasedOn = new Date(Date.parse(since) + 30 * 86_400_000).toISOString();
  return (
    <div className="mb-6 flex flex-wrap items-center justify-between gap-3 rounded-md border border-time-line bg-time-soft px-4 py-2.5 text-sm text-time-text">
      <p>In the bin. Erased by itself on {fullTime(erasedOn).split(',')[0]}.</p>
      {mayWrite && (
        <Button size="sm" busy={restore.isPending} onPress={() => restore.mutate()}>
          Restore
        </Button>
      )}
    </div>
  );
}
