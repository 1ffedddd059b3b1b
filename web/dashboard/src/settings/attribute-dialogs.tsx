import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import type { Attribute, AttributeDraft } from '../api/types';
import { FormProblem } from '../auth/frame';
import { usePurposes } from '../contacts/consents';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { keyOf, kindWords } from './attribute-words';

interface Props {
  attribute?: Attribute;
  suggested?: string | undefined;
  /** What it may be called, where there is no key yet. */
  label?: string | undefined;
  onSaved?: (key: string) => void;
  onClose: () => void;
}

/** Declares an attribute, or changes its declaration. */
export function AttributeDialog({ attribute: a, suggested, label, onSaved, onClose }: Props) {
  const client = useQueryClient();
  const purposes = usePurposes();
  const [form, setForm] = useState({
    label: a?.label ?? suggested?.replaceAll('_', ' ') ?? label ?? '',
    key: a?.key ?? suggested ?? '',
    description: a?.description ?? '',
    kind: a?.kind ?? ('string' as Attribute['kind']),
    personal: a?.personal ?? true,
    purpose: a?.purpose ?? '',
    days: a?.retention_days ? String(a.retention_days) : '',
  });
  const set = (patch: Partial<typeof form>) => setForm((f) => ({ ...f, ...patch }));
  const purpose = form.purpose || purposes[0]?.key || 'support';
  const save = useMutation({
    mutationFn: () => {
      const { label, description, kind, personal } = form;
      const days = Number(form.days) || 0;
      if (a)
        return api.changeAttribute(a.key, {
          label,
          description,
          kind,
          personal,
          purpose,
          retention_days: days,
        });
      const draft: AttributeDraft = {
        key: form.key || keyOf(label),
        label,
        description,
        kind,
        personal,
        purpose,
      };
      return api.declareAttribute(days ? { ...draft, retention_days: days } : draft);
    },
    onSuccess: (saved) => {
      void client.invalidateQueries({ queryKey: keys.attributes });
      toast('Saved.');
      onSaved?.(saved.key);
      onClose();
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  const isReindexed = a && (a.kind !== form.kind || a.personal !== form.personal);
  return (
    <Dialog
      title={a ? `Edit ${a.label}` : 'Add an attribute'}
      isOpen
      width="md"
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="attribute"
            look="primary"
            isDisabled={!form.label.trim()}
            busy={save.isPending}
          >
            {a ? 'Save' : 'Add'}
          </Button>
        </>
      }
    >
      <form id="attribute" onSubmit={submit} noValidate className="mt-2 grid gap-4 md:grid-cols-2">
        {save.error && !problem?.fields.length && (
          <div className="md:col-span-2">
            <FormProblem text={problemText(save.error)} />
          </div>
        )}
        <TextField
          label="Name"
          autoFocus
          autoComplete="off"
          value={form.label}
          onChange={(e) => set({ label: e.target.value })}
          problem={problem?.field('label')}
        />
        <TextField
          label="Key"
          hint={a ? 'Stays as it is.' : 'What your code calls it.'}
          autoComplete="off"
          disabled={Boolean(a)}
          placeholder={keyOf(form.label)}
          value={form.key}
          onChange={(e) => set({ key: e.target.value })}
          problem={problem?.field('key')}
        />
        <TextField
          label="Description"
          className="md:col-span-2"
          autoComplete="off"
          value={form.description}
          onChange={(e) => set({ description: e.target.value })}
          problem={problem?.field('description')}
        />
        <SelectField
          label="Kind"
          value={form.kind}
          onChange={(e) => set({ kind: e.target.value as Attribute['kind'] })}
          problem={problem?.field('kind')}
        >
          {Object.entries(kindWords).map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Kept for the purpose"
          value={purpose}
          onChange={(e) => set({ purpose: e.target.value })}
          problem={problem?.field('purpose')}
        >
          {purposes.map((p) => (
            <option key={p.key} value={p.key}>
              {p.name}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Kept for days"
          hint="Empty: as long as the contact."
          inputMode="numeric"
          autoComplete="off"
          value={form.days}
          onChange={(e) => set({ days: e.target.value.replace(/\D/g, '') })}
          problem={problem?.field('retention_days')}
        />
        <label className="flex items-start gap-2.5 text-sm md:col-span-2">
          <input
            type="checkbox"
            className="mt-0.5 size-4 accent-accent"
            checked={form.personal}
            onChange={(e) => set({ personal: e.target.checked })}
          />
          <span>
            It says something about the person
            <span className="block text-ink-faint">
              Then it is sealed, and found by its value or its beginning. What is not personal can be
              compared: more than, before, between.
            </span>
          </span>
        </label>
        {isReindexed && (
          <p className="rounded-md border border-line bg-sunken px-3 py-2 text-sm text-ink-soft md:col-span-2">
            All contacts are gone through in the background. Values that do not fit the kind stay as they are,
            and are not found until they are changed.
          </p>
        )}
      </form>
    </Dialog>
  );
}

/** Says what goes with a declaration before it does. */
export function RemoveAttributeDialog({
  attribute: a,
  onClose,
}: {
  attribute: Attribute;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.removeAttribute(a.key),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.attributes });
      onClose();
    },
  });
  return (
    <Dialog
      title={`Remove ${a.label}?`}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="loss" busy={remove.isPending} onPress={() => remove.mutate()}>
            Remove it everywhere
          </Button>
        </>
      }
    >
      <p className="text-sm text-ink-soft">
        Its value leaves every contact, and the history of changes with it. That cannot be undone. Where
        somebody's data is restricted or held, it stays sealed until that ends. Segments that ask for it stop
        working.
      </p>
      {remove.error && <FormProblem text={problemText(remove.error)} />}
    </Dialog>
  );
}
