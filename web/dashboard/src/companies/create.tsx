import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { FormProblem } from '../auth/frame';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { createCompany, useRefresh } from './data';
import { fieldProblem, otherProblem } from './words';

const formId = 'create-company';

/** The domains in a text, apart by commas or spaces. */
const domainsIn = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

/** Adds a company. What was typed stays when the server says no. */
export function CreateCompany({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const refresh = useRefresh();
  const [form, setForm] = useState({ name: '', domains: '', website: '' });
  const create = useMutation({
    mutationFn: () =>
      createCompany({
        name: form.name.trim(),
        ...(form.domains.trim() && { domains: domainsIn(form.domains) }),
        ...(form.website.trim() && { website: form.website.trim() }),
      }),
    onSuccess: (company) => {
      refresh();
      onClose();
      void navigate({ to: '/contacts/companies/$companyId', params: { companyId: company.id } });
    },
  });
  const other = otherProblem(create.error, 'name', 'domains', 'website');
  const field = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
    problem: fieldProblem(create.error, name),
    autoComplete: 'off',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (form.name.trim() && !create.isPending) create.mutate();
  };
  return (
    <Dialog
      title="Add a company"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            look="primary"
            isDisabled={!form.name.trim()}
            busy={create.isPending}
          >
            Add the company
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="mt-2 grid gap-4">
        {other && <FormProblem text={other} />}
        <TextField {...field('name')} label="Name" autoFocus />
        <TextField
          {...field('domains')}
          label="Domains"
          hint="What stands after the @ of its people, such as example.com. Several are apart by commas."
          spellCheck={false}
          autoCapitalize="none"
        />
        <TextField {...field('website')} label="Website" type="url" placeholder="https://example.com" />
      </form>
    </Dialog>
  );
}
