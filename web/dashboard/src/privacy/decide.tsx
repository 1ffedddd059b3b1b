import { useState } from 'react';
import type { PrivacyRequest } from '../api/types';
import { displayName } from '../lib/names';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextArea } from '../ui/field';
import type { Deciding } from './request';
import { kinds, type Reason, reasons } from './words';

interface Props {
  r: PrivacyRequest;
  change: Deciding;
  onClose: () => void;
}

/** What carrying out means for each kind, so that nobody is surprised. */
const means: Record<PrivacyRequest['kind'], string> = {
  access: 'They are told that their copy is ready, and can fetch it from the privacy page.',
  portability: 'They are told that their data is ready, and can fetch it from the privacy page.',
  rectification: 'What they asked for is put right, and they are told.',
  erasure:
    'Everything about them goes now and for good: messages, profile, consents, and the key, so that backups cannot be read either.',
  restriction: 'From now on their data is stored and nothing else: no replies, no search, no export.',
  objection: 'Their data is no longer used for that.',
};

/** Asks once more before a request is carried out. */
export function CompleteDialog({ r, change, onClose }: Props) {
  const [text, setText] = useState('');
  const isErasure = r.kind === 'erasure';
  const name = r.contact ? displayName(r.contact) : 'them';
  return (
    <Dialog
      title={isErasure ? `Erase ${name} for good?` : `${kinds[r.kind].name} for ${name}`}
      isOpen
      isAlert={isErasure}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{isErasure ? 'Keep' : 'Cancel'}</Button>
          <Button
            look={isErasure ? 'loss' : 'primary'}
            busy={change.isPending}
            onPress={() =>
              change.mutate(
                { state: 'completed', ...(text.trim() && { text: text.trim() }) },
                { onSuccess: onClose },
              )
            }
          >
            {isErasure ? 'Erase for good' : 'Carry it out'}
          </Button>
        </>
      }
    >
      <p className="mt-1 text-ink-soft">{means[r.kind]}</p>
      {!isErasure && (
        <TextArea
          className="mt-4"
          label="A word to them"
          hint="Optional."
          value={text}
          maxLength={4000}
          onChange={(e) => setText(e.target.value)}
        />
      )}
    </Dialog>
  );
}

/** A refusal needs a reason; the person reads it, with the way to complain. */
export function RefuseDialog({ r, change, onClose }: Props) {
  const [reason, setReason] = useState<Reason | ''>('');
  const [text, setText] = useState('');
  const isMissing = !reason || (reason === 'other' && !text.trim());
  return (
    <Dialog
      title={`Refuse: ${kinds[r.kind].name.toLowerCase()}`}
      isOpen
      isAlert
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="loss"
            isDisabled={isMissing}
            busy={change.isPending}
            onPress={() =>
              reason &&
              change.mutate(
                { state: 'refused', reason, ...(text.trim() && { text: text.trim() }) },
                { onSuccess: onClose },
              )
            }
          >
            Refuse and tell them
          </Button>
        </>
      }
    >
      <p className="mt-1 mb-4 text-ink-soft">
        They are told why, and that they may complain to the data protection authority or go to court.
      </p>
      <SelectField label="Reason" value={reason} onChange={(e) => setReason(e.target.value as Reason)}>
        <option value="" disabled>
          Choose one
        </option>
        {reasons.map(([key, label]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </SelectField>
      <TextArea
        className="mt-4"
        label="In your own words"
        hint={
          reason === 'other'
            ? 'Needed: they have a right to the reasons.'
            : 'Which law, which claim, which others: what helps them to understand.'
        }
        rows={4}
        value={text}
        maxLength={4000}
        onChange={(e) => setText(e.target.value)}
      />
    </Dialog>
  );
}
