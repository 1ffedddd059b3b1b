import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/field';
import { Choice, ReasonAndEnd } from './fields';
import { endOf, type Reason } from './words';

type Kind = 'email' | 'domain' | 'network';

const kinds: Record<Kind, { label: string; field: string; hint: string }> = {
  email: {
    label: 'An e-mail address',
    field: 'Address',
    hint: 'Kept as a keyed token: nobody can read it in this list again.',
  },
  domain: {
    label: 'A whole domain',
    field: 'Domain',
    hint: 'With all names under it. It is kept as it is: where it is one person’s, block the address.',
  },
  network: {
    label: 'A network',
    field: 'Network address',
    hint: 'Shortened, as 203.0.113.0/24, and kept as a keyed token. Others may share it.',
  },
};

const formId = 'add-block';

/** Puts an address, a domain or a network on the blocklist. */
export function AddDialog({ mayReach, onClose }: { mayReach: boolean; onClose: () => void }) {
  const cache = useQueryClient();
  const [kind, setKind] = useState<Kind>(mayReach ? 'email' : 'domain');
  const [text, setText] = useState('');
  const [reason, setReason] = useState<Reason>('spam');
  const [days, setDays] = useState('');
  const [outlives, setOutlives] = useState(false);
  const add = useMutation({
    mutationFn: () =>
      api.addBlock({ [kind]: text.trim(), reason, ...endOf(days), outlives: kind === 'email' && outlives }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: keys.blocks });
      onClose();
    },
  });
  const problem = add.error instanceof Problem ? add.error : null;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (text.trim() && !add.isPending) add.mutate();
  };
  const choose = (next: Kind) => {
    setKind(next);
    setDays(next === 'network' ? '30' : '');
    add.reset();
  };
  return (
    <Dialog
      title="Add to the blocklist"
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" isDisabled={!text.trim()} busy={add.isPending}>
            Block
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="mt-2 space-y-4">
        <SelectField label="What" value={kind} onChange={(e) => choose(e.target.value as Kind)}>
          {(Object.keys(kinds) as Kind[])
            .filter((k) => mayReach || k === 'domain')
            .map((k) => (
              <option key={k} value={k}>
                {kinds[k].label}
              </option>
            ))}
        </SelectField>
        <TextField
          label={kinds[kind].field}
          hint={kinds[kind].hint}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          value={text}
          onChange={(e) => setText(e.target.value)}
          problem={problem?.field(kind) ?? (add.error ? problemText(add.error) : undefined)}
        />
        <ReasonAndEnd
          reason={reason}
          days={days}
          onReason={setReason}
          onDays={setDays}
          isNetwork={kind === 'network'}
        />
        {kind === 'email' && (
          <Choice
            label="Keep it blocked when whose it is was erased"
            hint="As a keyed token that tells nobody’s address. They read it in their export."
            isOn={outlives}
            onChange={setOutlives}
          />
        )}
      </form>
    </Dialog>
  );
}
