import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import { FormProblem } from '../auth/frame';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { type BasisChoice, BasisFields, toBasis, useBasis } from './basis';

const formId = 'create-contact';

/** Enters a person by hand. It is said why they may be kept before they are. */
export function CreateContact({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [form, setForm] = useState({ name: '', email: '', phone: '', external_id: '' });
  const [chosen, setChosen] = useBasis();
  const create = useMutation({
    mutationFn: (basis: BasisChoice) => {
      const filled = Object.fromEntries(Object.entries(form).filter(([, v]) => v.trim()));
      return api.createContact({ ...filled, basis: toBasis(basis) });
    },
    onSuccess: (contact) => {
      void client.invalidateQueries({ queryKey: keys.contacts });
      onClose();
      void navigate({ to: '/contacts/$contactId', params: { contactId: contact.id } });
    },
  });
  const problem = create.error instanceof Problem ? create.error : null;
  const isEmpty = !form.name.trim() && !form.email.trim() && !form.phone.trim() && !form.external_id.trim();
  const field = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
    problem: problem?.field(name),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isEmpty && !create.isPending) create.mutate(chosen);
  };
  return (
    <Dialog
      title="Add a contact"
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" isDisabled={isEmpty} busy={create.isPending}>
            Add the contact
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="mt-2 grid gap-4 md:grid-cols-2">
        {create.error && !problem?.fields.length && (
          <div className="-mb-5 md:col-span-2">
            <FormProblem text={problemText(create.error)} />
          </div>
        )}
        <TextField {...field('name')} label="Name" autoFocus autoComplete="off" />
        <TextField {...field('email')} label="E-mail" type="email" autoComplete="off" />
        <TextField {...field('phone')} label="Phone" type="tel" autoComplete="off" />
        <TextField
          {...field('external_id')}
          label="Id in your system"
          autoComplete="off"
          spellCheck={false}
        />
        <BasisFields value={chosen} onChange={setChosen} problem={problem} className="md:col-span-2" />
      </form>
    </Dialog>
  );
}
