import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, FileCheck2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Contact, ErasureReceipt } from '../api/types';
import { displayName } from '../lib/names';
import { fullTime } from '../lib/time';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';

const word = 'erase';

interface DialogProps {
  contact: Contact;
  onClose: () => void;
  onErased: (receipt: ErasureReceipt) => void;
}

/** Erases a person. It says what will be gone, and asks for a word to be typed. */
export function EraseDialog({ contact, onClose, onErased }: DialogProps) {
  const [typed, setTyped] = useState('');
  const client = useQueryClient();
  const erase = useMutation({
    mutationFn: () => api.eraseContact(contact.id),
    onSuccess: (receipt) => {
      onErased(receipt);
      void client.invalidateQueries({ queryKey: keys.contacts });
    },
  });
  const isMeant = typed.trim().toLowerCase() === word;
  const submit = () => {
    if (isMeant && !erase.isPending) erase.mutate();
  };
  return (
    <Dialog
      title={`Erase ${displayName(contact)} for good?`}
      isOpen
      isAlert
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button look="loss" isDisabled={!isMeant} busy={erase.isPending} onPress={submit}>
            {erase.isPending ? 'Erasing…' : 'Erase for good'}
          </Button>
        </>
      }
    >
      <p className="mt-1 text-ink-soft">This cannot be undone by anybody, us included. Gone at once are:</p>
      <ul className="mt-2 list-disc space-y-1 pl-5 text-ink-soft marker:text-loss">
        <li>every message and note of their conversations, on both sides</li>
        <li>their profile, consents and everything found out about them</li>
        <li>
          the key that their data is sealed with: what stands in backups and archives becomes unreadable too
        </li>
      </ul>
      <p className="mt-3 mb-4 text-ink-soft">
        The audit log keeps that an erasure took place and who asked for it, without a name. You get a signed
        receipt to hand to the person.
      </p>
      <TextField
        label={`Type “${word}” to confirm`}
        autoFocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onChange={(e) => setTyped(e.target.value)}
        onKeyDown={(e) => e.key === 'Enter' && submit()}
        problem={erase.error ? problemText(erase.error) : undefined}
      />
    </Dialog>
  );
}

/** The proof that a person was erased. It names nobody. */
export function ReceiptPage({ receipt }: { receipt: ErasureReceipt }) {
  const text = JSON.stringify(receipt, null, 2);
  const rows = Object.entries(receipt.rows ?? {}).filter(([, n]) => n > 0);
  const download = () => {
    const href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    const link = Object.assign(document.createElement('a'), { href, download: `erasure-${receipt.id}.json` });
    link.click();
    URL.revokeObjectURL(href);
  };
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto max-w-xl px-4 py-10 md:py-16">
        <span
          className="mb-4 flex size-12 items-center justify-center rounded-full border border-line bg-sunken text-ink-soft"
          aria-hidden="true"
        >
          <FileCheck2 size={22} strokeWidth={1.6} />
        </span>
        <h1 className="text-lg font-semibold">Erased</h1>
        <p className="mt-1.5 text-ink-soft">
          {receipt.key_destroyed
            ? 'Their data is gone and their key is destroyed. No copy of it, in a backup or anywhere, can be read again.'
            : 'Their data is gone.'}
        </p>
        <section aria-label="Receipt" className="mt-6 rounded-md border border-line">
          <div className="flex items-center justify-between border-b border-line py-2.5 pr-2.5 pl-4">
            <h2 className="text-sm font-semibold">Receipt</h2>
            <span className="flex gap-2">
              <CopyButton text={text} />
              <Button size="sm" icon={<Download size={14} />} onPress={download}>
                Download
              </Button>
            </span>
          </div>
          <dl className="divide-y divide-line px-4 text-sm">
            <Line label="Erased at">{fullTime(receipt.erased_at)}</Line>
            {rows.map(([table, n]) => (
              <Line key={table} label={table.replaceAll('_', ' ')}>
                <span className="tabular-nums">{n}</span> {n === 1 ? 'row' : 'rows'}
              </Line>
            ))}
            <Line label="Key">{receipt.key_destroyed ? 'Destroyed' : 'Kept'}</Line>
            <Line label="Number">
              <code className="font-mono text-xs">{receipt.id}</code>
            </Line>
            <Line label="Signature">
              <code className="font-mono text-xs">{receipt.signature}</code>
            </Line>
          </dl>
          {receipt.statement && (
            <pre className="border-t border-line px-4 py-3 font-mono text-xs whitespace-pre-wrap text-ink-faint wrap-anywhere">
              {receipt.statement}
            </pre>
          )}
        </section>
        <Link
          to="/contacts"
          className="mt-6 inline-flex h-8 items-center rounded-md border border-line-strong px-3 text-sm font-medium hover:bg-hover"
        >
          Back to contacts
        </Link>
      </div>
    </div>
  );
}

function Line({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex gap-4 py-2">
      <dt className="w-28 shrink-0 text-ink-faint first-letter:uppercase">{label}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}
