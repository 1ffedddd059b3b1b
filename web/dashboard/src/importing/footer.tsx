import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { body, client } from '../api/client';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';

/** The way back and on, and out of it. It stays in sight. */
export function Footer({ id, children }: { id: string; children: ReactNode }) {
  const [isLeaving, setLeaving] = useState(false);
  return (
    <footer className="sticky bottom-0 z-10 -mx-4 mt-6 flex flex-wrap items-center gap-2 border-t border-line bg-surface px-4 py-3 md:-mx-8 md:px-8">
      <Button look="quiet" onPress={() => setLeaving(true)}>
        Discard
      </Button>
      <span className="ml-auto" />
      {children}
      {isLeaving && <Discard id={id} onClose={() => setLeaving(false)} />}
    </footer>
  );
}

function Discard({ id, onClose }: { id: string; onClose: () => void }) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const discard = useMutation({
    mutationFn: () => body(client.POST('/api/v1/imports/{id}/cancel', { params: { path: { id } } })),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: keys.imports });
      toast('The file is destroyed. Nobody was imported.');
      void navigate({ to: '/contacts/imports' });
    },
  });
  return (
    <Dialog
      title="Discard this file?"
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button look="loss" busy={discard.isPending} onPress={() => discard.mutate()}>
            Discard
          </Button>
        </>
      }
    >
      {discard.error && (
        <p role="alert" className="mb-2 text-sm text-loss-text">
          {problemText(discard.error)}
        </p>
      )}
      <p className="text-ink-soft">
        Its key is destroyed at once, so that nobody can read it any more. Nobody of it was imported.
      </p>
    </Dialog>
  );
}
