import { useState } from 'react';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextArea } from '../ui/field';

interface DecidingProps {
  decision: 'reject' | 'block';
  n: number;
  isBusy: boolean;
  error: unknown;
  onClose: () => void;
  onDecide: (reason: string) => void;
}

/** Says what rejecting or blocking does, and takes a reason for its author. */
export function Deciding({ decision, n, isBusy, error, onClose, onDecide }: DecidingProps) {
  const [reason, setReason] = useState('');
  const isBlock = decision === 'block';
  const what = n === 1 ? 'this' : `these ${n}`;
  return (
    <Dialog
      title={isBlock ? `Remove ${what}, and block who wrote it?` : `Reject ${what}?`}
      isOpen
      isAlert
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="loss" busy={isBusy} onPress={() => onDecide(reason.trim())}>
            {isBlock ? 'Remove and block' : 'Reject'}
          </Button>
        </>
      }
    >
      <p className="mb-4 text-ink-soft">
        {isBlock
          ? 'Who is blocked begins no conversation, writes and votes nothing, and keeps every right over their data. The blocklist in the settings lets them in again.'
          : 'It is removed for good.'}{' '}
        {n === 1 ? 'Its author reads' : 'Their authors read'} on their own page of the board that it was not
        published, for 90 days.
      </p>
      <TextArea
        label="Why, in words for its author"
        hint="May stay empty."
        rows={3}
        maxLength={500}
        autoFocus
        value={reason}
        onChange={(e) => setReason(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey)) return;
          e.preventDefault();
          onDecide(reason.trim());
        }}
      />
      {error != null && (
        <p role="alert" className="mt-3 text-sm text-loss-text">
          {problemText(error)}
        </p>
      )}
    </Dialog>
  );
}
