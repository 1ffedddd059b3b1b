import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import type { PrivacyRequest } from '../api/types';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextArea, TextField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';
import { dayOf } from './clock';

/** Whether the law still allows more time: once, within a month of receipt (GDPR article 12(3)). */
export const mayExtend = (r: PrivacyRequest): boolean =>
  !r.closed_at && !r.extension && r.state !== 'received' && Date.now() < Date.parse(r.legal_due_at);

/** The same day so many months later, or that month's last. */
export function monthsAfter(iso: string, months: number): Date {
  const at = new Date(iso);
  const day = at.getUTCDate();
  at.setUTCMonth(at.getUTCMonth() + months);
  if (at.getUTCDate() !== day) at.setUTCDate(0);
  return at;
}

/** Gives a request more time. The person reads the reason in a mail at once. */
export function ExtendDialog({ r, onClose }: { r: PrivacyRequest; onClose: () => void }) {
  const latest = monthsAfter(r.received_at, 3).toISOString();
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const extend = useMutation({
    mutationFn: () =>
      api.extendRequest(r.id, { until: `${until}${r.received_at.slice(10, 19)}Z`, reason: reason.trim() }),
    onSuccess: (changed) => {
      client.setQueryData(keys.request(r.id), changed);
      void client.invalidateQueries({ queryKey: keys.requests });
      toast('Extended. The person is told why.');
      onClose();
    },
    onError: toastProblem,
  });
  return (
    <Dialog
      title="More time for this request"
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            isDisabled={!until || !reason.trim()}
            busy={extend.isPending}
            onPress={() => extend.mutate()}
          >
            Extend and tell them
          </Button>
        </>
      }
    >
      <p className="mt-1 mb-4 text-ink-soft">
        The law allows this once, where a request is complex or there are many: until {dayOf(latest)} at most.
        They are told by mail, with the reason and where they can complain.
      </p>
      <TextField
        label="Answer by"
        type="date"
        value={until}
        min={r.due_at.slice(0, 10)}
        max={latest.slice(0, 10)}
        onChange={(e) => setUntil(e.target.value)}
      />
      <TextArea
        className="mt-4"
        label="Why it takes longer"
        value={reason}
        maxLength={1000}
        onChange={(e) => setReason(e.target.value)}
      />
    </Dialog>
  );
}
