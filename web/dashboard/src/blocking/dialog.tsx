import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { NewBlock } from '../api/types';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { toast, toastProblem } from '../ui/toast';
import { Choice, ReasonAndEnd } from './fields';
import { endOf, type Reason } from './words';

interface FormProps {
  /** Who it is about, as the title says it. */
  who: string;
  problem: string | undefined;
  isBusy: boolean;
  onClose: () => void;
  onBlock: (block: NewBlock) => void;
}

/** Says what a block does, and asks why, for how long, and what goes with it. */
export function BlockForm({ who, problem, isBusy, onClose, onBlock }: FormProps) {
  const [reason, setReason] = useState<Reason>('spam');
  const [days, setDays] = useState('');
  const [addresses, setAddresses] = useState(true);
  const [networks, setNetworks] = useState(false);
  const [outlives, setOutlives] = useState(false);
  return (
    <Dialog
      title={`Block ${who}`}
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            busy={isBusy}
            onPress={() =>
              onBlock({ reason, ...endOf(days), addresses, networks, outlives: addresses && outlives })
            }
          >
            Block
          </Button>
        </>
      }
    >
      <p className="mt-1 mb-4 text-ink-soft">
        Nothing that they write, post or vote is taken any more. They are told so, but not why. What is there
        stays, and so do their rights over their data.
      </p>
      <ReasonAndEnd reason={reason} days={days} onReason={setReason} onDays={setDays} />
      <div className="mt-5 space-y-3.5">
        <Choice
          label="Their e-mail addresses too"
          hint="So that they do not come back as somebody new."
          isOn={addresses}
          onChange={setAddresses}
        />
        {addresses && (
          <Choice
            label="Keep the addresses blocked when they are erased"
            hint="As keyed tokens that tell nobody’s address. They read it in their export."
            isOn={outlives}
            onChange={setOutlives}
          />
        )}
        <Choice
          label="The networks that they came from"
          hint="Where technical data is kept. Others share a network, so it ends after 30 days at most."
          isOn={networks}
          onChange={setNetworks}
        />
      </div>
      {problem && (
        <p role="alert" className="mt-4 text-sm text-loss-text">
          {problem}
        </p>
      )}
    </Dialog>
  );
}

/** Whatever shows that somebody is blocked is asked for again. */
export function useRefresh(contactId: string): () => void {
  const cache = useQueryClient();
  return () => {
    for (const queryKey of [keys.contact(contactId), keys.contacts, keys.blocks])
      void cache.invalidateQueries({ queryKey });
  };
}

/** Blocks one person. */
export function BlockDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const refresh = useRefresh(id);
  const block = useMutation({
    mutationFn: (how: NewBlock) => api.block(id, how),
    onSuccess: () => {
      refresh();
      onClose();
      const undo = () =>
        void api
          .unblock(id)
          .catch(toastProblem)
          .finally(() => refresh());
      toast(`${name} is blocked.`, { action: { label: 'Undo', run: undo } });
    },
  });
  return (
    <BlockForm
      who={name}
      problem={block.error ? problemText(block.error) : undefined}
      isBusy={block.isPending}
      onClose={onClose}
      onBlock={(how) => block.mutate(how)}
    />
  );
}
