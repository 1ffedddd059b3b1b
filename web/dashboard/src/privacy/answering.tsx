import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Answer } from '../api/client';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { isStatus, Problem, problemText } from '../api/problem';
import type { Workspace } from '../api/types';
import { may } from '../app/permissions';
import { useCanAny } from '../app/session';
import { FormProblem } from '../auth/frame';
import { RowsSkeleton } from '../settings/table';
import { LoadProblem } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { TabPage } from './layout';
import { kindOrder, kinds } from './words';

/** How requests are answered: by when, by whom, and where people may complain. */
export function AnsweringPage() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.workspace,
    queryFn: ({ signal }) => api.workspace(signal),
  });
  return (
    <TabPage
      title="Deadlines and officer"
      intro="How fast you answer, what a person looks at before it happens, and who people turn to."
    >
      {data ? (
        <Answering key={data.etag ?? data.data.updated_at} answer={data} />
      ) : error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : (
        <RowsSkeleton />
      )}
    </TabPage>
  );
}

function fromWorkspace({ settings: s }: Workspace) {
  return {
    request_days: String(s.request_days),
    reviewed_kinds: s.reviewed_kinds,
    officer_name: s.officer_name,
    officer_address: s.officer_address,
    authority_name: s.authority_name,
    authority_url: s.authority_url,
  };
}

type Form = ReturnType<typeof fromWorkspace>;

function useSave(etag: string | null, form: Form) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      api.updateWorkspace({ settings: { ...form, request_days: Number(form.request_days) } }, etag),
    onSuccess: (saved) => {
      client.setQueryData(keys.workspace, saved);
      toast('Saved. It counts for requests from now on.');
    },
  });
}

function Answering({ answer }: { answer: Answer<Workspace> }) {
  const mayWrite = useCanAny(may.writeWorkspace, may.writePrivacy);
  const [form, setForm] = useState<Form>(() => fromWorkspace(answer.data));
  const save = useSave(answer.etag, form);
  const problem = save.error instanceof Problem ? save.error : null;
  const isStale = isStatus(save.error, 409, 412);
  const isChanged = JSON.stringify(form) !== JSON.stringify(fromWorkspace(answer.data));
  const set = (name: Exclude<keyof Form, 'reviewed_kinds'>) => ({
    value: form[name],
    disabled: !mayWrite,
    problem: problem?.field(name),
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isChanged && !save.isPending) save.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="max-w-2xl space-y-8">
      {isStale && <FormProblem text="Somebody else saved meanwhile. Reload the page to see their version." />}
      {save.error && !isStale && !problem?.fields.length && <FormProblem text={problemText(save.error)} />}
      <SelectField
        {...set('request_days')}
        label="Answer within"
        hint="The law allows a month. Owners and privacy officers are reminded on the way, and told when it is over."
        className="max-w-md"
      >
        {[1, 2, 3, 4, 5, 6, 7].map((n) => (
          <option key={n} value={n}>
            {n === 7 ? 'A week' : n === 1 ? 'A day' : `${n} days`}
          </option>
        ))}
      </SelectField>
      <Reviewed
        chosen={form.reviewed_kinds}
        isReadOnly={!mayWrite}
        onChange={(reviewed_kinds) => setForm((f) => ({ ...f, reviewed_kinds }))}
      />
      <fieldset className="space-y-4">
        <legend className="mb-1 font-semibold">Privacy officer</legend>
        <p className="text-sm text-ink-faint">Shown to everybody on your privacy page.</p>
        <div className="grid gap-4 md:grid-cols-2">
          <TextField {...set('officer_name')} label="Name" autoComplete="off" />
          <TextField {...set('officer_address')} label="How to reach them" autoComplete="off" />
        </div>
      </fieldset>
      <fieldset className="space-y-4">
        <legend className="mb-1 font-semibold">Supervisory authority</legend>
        <p className="text-sm text-ink-faint">Whoever is refused something reads where they may complain.</p>
        <div className="grid gap-4 md:grid-cols-2">
          <TextField {...set('authority_name')} label="Name" autoComplete="off" />
          <TextField {...set('authority_url')} label="Website" type="url" autoComplete="off" />
        </div>
      </fieldset>
      {mayWrite && (
        <Button type="submit" look="primary" isDisabled={!isChanged} busy={save.isPending}>
          Save
        </Button>
      )}
    </form>
  );
}

interface ReviewedProps {
  chosen: string[];
  isReadOnly: boolean;
  onChange: (kinds: string[]) => void;
}

function Reviewed({ chosen, isReadOnly, onChange }: ReviewedProps) {
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">A person looks first at</legend>
      <p className="mb-3 text-sm text-ink-faint">
        Everything else is answered by the machine within seconds, once it is known who asks.
      </p>
      <div className="grid gap-2 md:grid-cols-2">
        {kindOrder.map((k) => (
          <label key={k} className="flex items-start gap-3 rounded-md border border-line px-3 py-2.5">
            <input
              type="checkbox"
              disabled={isReadOnly}
              checked={chosen.includes(k)}
              onChange={(e) =>
                onChange(e.target.checked ? [...chosen, k].sort() : chosen.filter((other) => other !== k))
              }
              className="mt-0.5 size-4 shrink-0 accent-(--accent)"
            />
            <span>
              <span className="block font-medium">{kinds[k].name}</span>
              <span className="block text-sm text-ink-faint">
                {k === 'rectification'
                  ? 'What they did not enter themselves waits for a person anyway.'
                  : kinds[k].says}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
