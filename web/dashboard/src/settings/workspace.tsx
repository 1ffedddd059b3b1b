import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { MessageSquare } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Answer } from '../api/client';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { isStatus, Problem, problemText } from '../api/problem';
import type { Workspace } from '../api/types';
import { may } from '../app/permissions';
import { session } from '../app/runtime';
import { useCan } from '../app/session';
import { FormProblem } from '../auth/frame';
import { usePurposes } from '../contacts/consents';
import { readableOn } from '../lib/contrast';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { ColorField, isColor } from '../ui/color';
import { SelectField, TextArea, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { SettingsPage } from './layout';

export function WorkspacePage() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.workspace,
    queryFn: ({ signal }) => api.workspace(signal),
  });
  return (
    <SettingsPage
      title="Workspace"
      intro="What your visitors see in the chat, and which websites may show it."
    >
      {data ? (
        <WorkspaceForm key={data.etag ?? data.data.updated_at} answer={data} />
      ) : error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : (
        <FormSkeleton />
      )}
    </SettingsPage>
  );
}

function fromWorkspace(w: Workspace) {
  return {
    name: w.name,
    origins: (w.settings.allowed_origins ?? []).join('\n'),
    color: w.settings.color || '#0f766e',
    greeting: w.settings.greeting,
    position: w.settings.widget_position || 'right',
    notice: w.settings.notice_url,
    purpose: w.settings.default_purpose,
  };
}

type Form = ReturnType<typeof fromWorkspace>;

function WorkspaceForm({ answer }: { answer: Answer<Workspace> }) {
  const mayWrite = useCan(may.writeWorkspace);
  const client = useQueryClient();
  const purposes = usePurposes();
  const [form, setForm] = useState<Form>(() => fromWorkspace(answer.data));
  const save = useMutation({
    mutationFn: () =>
      api.updateWorkspace(
        {
          name: form.name.trim(),
          settings: {
            allowed_origins: form.origins.split(/[\s,]+/).filter(Boolean),
            color: form.color,
            greeting: form.greeting.trim(),
            widget_position: form.position,
            notice_url: form.notice.trim(),
            default_purpose: form.purpose,
          },
        },
        answer.etag,
      ),
    onSuccess: (saved) => {
      client.setQueryData(keys.workspace, saved);
      session.set((s) => s && { ...s, workspace: { ...s.workspace, name: saved.data.name } });
      toast('Saved. Open widgets take it up when they next load.');
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const isStale = isStatus(save.error, 409, 412);
  const isChanged = JSON.stringify(form) !== JSON.stringify(fromWorkspace(answer.data));
  const set = (name: keyof Form) => ({
    value: form[name],
    disabled: !mayWrite,
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <div className="grid gap-10 lg:grid-cols-[minmax(0,1fr)_17rem]">
      <form onSubmit={submit} noValidate className="space-y-5">
        {isStale && (
          <FormProblem text="Somebody else saved meanwhile. Reload the page to see their version; copy what you typed first." />
        )}
        {save.error && !isStale && !problem?.fields.length && <FormProblem text={problemText(save.error)} />}
        <TextField {...set('name')} label="Name" problem={problem?.field('name')} />
        <TextArea
          {...set('origins')}
          label="Allowed websites"
          hint="One origin a line, such as https://www.example.com. The chat answers nobody else."
          rows={3}
          spellCheck={false}
          problem={problem?.field('allowed_origins')}
        />
        <TextArea
          {...set('greeting')}
          label="Greeting"
          hint="The first line of the chat."
          rows={2}
          problem={problem?.field('greeting')}
        />
        <div className="grid gap-5 md:grid-cols-2">
          <ColorField
            value={form.color}
            isReadOnly={!mayWrite}
            onChange={(color) => setForm((f) => ({ ...f, color }))}
            problem={problem?.field('color')}
          />
          <SelectField {...set('position')} label="Position" problem={problem?.field('widget_position')}>
            <option value="right">Bottom right</option>
            <option value="left">Bottom left</option>
          </SelectField>
        </div>
        <TextField
          {...set('notice')}
          label="Privacy notice"
          type="url"
          placeholder="https://www.example.com/privacy"
          hint="Shown in the chat before an address is asked for. Empty: the one that Botimum writes from the catalogue."
          problem={problem?.field('notice_url')}
        />
        <SelectField
          {...set('purpose')}
          label="Default purpose"
          hint="Used where your code or a colleague enters a person without saying why. Empty: it must be said each time."
          problem={problem?.field('default_purpose')}
        >
          <option value="">None: ask each time</option>
          {purposes.map((p) => (
            <option key={p.key} value={p.key}>
              {p.name}
            </option>
          ))}
        </SelectField>
        {mayWrite && (
          <div className="flex items-center gap-3 pt-1">
            <Button type="submit" look="primary" isDisabled={!isChanged} busy={save.isPending}>
              {save.isPending ? 'Saving…' : 'Save'}
            </Button>
            {isChanged && (
              <Button look="quiet" onPress={() => setForm(fromWorkspace(answer.data))}>
                Undo changes
              </Button>
            )}
          </div>
        )}
      </form>
      <WidgetPreview form={form} />
    </div>
  );
}

/** The chat as a visitor will see it. */
function WidgetPreview({ form }: { form: Form }) {
  const color = isColor(form.color) ? form.color : '#0f766e';
  const text = readableOn(color);
  return (
    <div aria-hidden="true" className="h-fit select-none max-lg:hidden">
      <p className="mb-2 text-sm font-medium">Preview</p>
      <div className="flex h-96 flex-col rounded-md border border-line bg-sunken p-4">
        <div className="flex flex-1 flex-col overflow-hidden rounded-md border border-line bg-surface shadow-float">
          <div className="px-4 py-3.5" style={{ background: color, color: text }}>
            <p className="truncate font-semibold">{form.name || 'Your workspace'}</p>
          </div>
          <div className="flex-1 p-3">
            <p className="w-fit max-w-full rounded-md bg-sunken px-3 py-2 text-sm wrap-anywhere">
              {form.greeting || 'Hello! How can we help?'}
            </p>
          </div>
          <div className="m-3 rounded-md border border-line px-3 py-2 text-sm text-ink-faint">
            Write a message…
          </div>
        </div>
        <div className={`mt-3 flex ${form.position === 'left' ? '' : 'justify-end'}`}>
          <span
            className="flex size-11 items-center justify-center rounded-full"
            style={{ background: color, color: text }}
          >
            <MessageSquare size={20} />
          </span>
        </div>
      </div>
    </div>
  );
}

function FormSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="max-w-xl space-y-6">
      {[0, 1, 2, 3].map((i) => (
        <div key={i}>
          <Skeleton className="mb-2 h-3 w-24" />
          <Skeleton className="h-9" />
        </div>
      ))}
    </div>
  );
}
