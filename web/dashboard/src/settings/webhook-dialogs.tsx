import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import type { WebhookEndpoint } from '../api/types';
import { FormProblem } from '../auth/frame';
import { fullTime } from '../lib/time';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { duties, eventGroups } from './webhook-words';

/** Adds an endpoint, or changes one. */
export function EndpointDialog({ endpoint, onClose }: { endpoint?: WebhookEndpoint; onClose: () => void }) {
  const client = useQueryClient();
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [chosen, setChosen] = useState<string[]>(endpoint?.event_types ?? duties);
  const refresh = () => void client.invalidateQueries({ queryKey: keys.webhooks });
  const create = useMutation({
    mutationFn: () => api.createWebhook({ url: url.trim(), event_types: chosen }),
    onSuccess: refresh,
    gcTime: 0,
  });
  const change = useMutation({
    mutationFn: (id: string) => api.changeWebhook(id, { url: url.trim(), event_types: chosen }),
    onSuccess: () => {
      refresh();
      toast('Saved.');
      onClose();
    },
  });
  const error = create.error ?? change.error;
  const problem = error instanceof Problem ? error : null;
  const isBusy = create.isPending || change.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    if (endpoint) change.mutate(endpoint.id);
    else create.mutate();
  };
  if (create.data) {
    return (
      <SecretDialog title="Copy the secret now" secret={create.data.secret} onClose={onClose}>
        Your system checks with it that a delivery is ours. It is shown this once.
      </SecretDialog>
    );
  }
  return (
    <Dialog
      title={endpoint ? 'Edit the endpoint' : 'Add an endpoint'}
      isOpen
      width="md"
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="endpoint"
            look="primary"
            isDisabled={!url.trim() || !chosen.length}
            busy={isBusy}
          >
            {endpoint ? 'Save' : 'Add'}
          </Button>
        </>
      }
    >
      <form id="endpoint" onSubmit={submit} noValidate className="mt-2">
        {error && !problem?.fields.length && <FormProblem text={problemText(error)} />}
        <TextField
          label="Address"
          hint="https, and open to the internet."
          placeholder="https://example.com/hooks/botimum"
          type="url"
          inputMode="url"
          autoComplete="off"
          autoFocus
          value={url}
          onChange={(e) => setUrl(e.target.value)}
          problem={problem?.field('url')}
        />
        <Types chosen={chosen} onChange={setChosen} problem={problem?.field('event_types')} />
      </form>
    </Dialog>
  );
}

interface TypesProps {
  chosen: string[];
  onChange: (types: string[]) => void;
  problem: string | undefined;
}

/** The types of events by group. What the operator may not see themselves is not offered. */
function Types({ chosen, onChange, problem }: TypesProps) {
  const { data, error, refetch } = useQuery({
    queryKey: keys.webhookTypes,
    queryFn: ({ signal }) => api.webhookTypes(signal),
  });
  if (error) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="mt-5 h-64" />;
  const able = data.data.filter((t) => t.allowed).map((t) => t.type);
  const named = eventGroups.flatMap((g) => Object.keys(g.types));
  const groups = [
    ...eventGroups.map((g) => ({ title: g.title, types: Object.keys(g.types), words: g.types })),
    { title: 'Others', types: able.filter((t) => !named.includes(t)), words: {} as Record<string, string> },
  ].map((g) => ({ ...g, types: g.types.filter((t) => able.includes(t)) }));
  const toggle = (t: string) => onChange(chosen.includes(t) ? chosen.filter((c) => c !== t) : [...chosen, t]);
  const missing = duties.filter((t) => able.includes(t) && !chosen.includes(t));
  return (
    <>
      {missing.length > 0 && (
        <p className="mt-4 rounded-md border border-time-line bg-time-soft px-3 py-2 text-sm text-time-text">
          A system that keeps data about people has to learn when they are corrected, restricted or erased
          (GDPR, article 19). Without <code className="font-mono text-xs">{missing.join(' and ')}</code> it
          does not.
        </p>
      )}
      {groups
        .filter((g) => g.types.length)
        .map((g) => {
          const isAll = g.types.every((t) => chosen.includes(t));
          return (
            <fieldset key={g.title} className="mt-5">
              <legend className="float-left text-sm font-medium">{g.title}</legend>
              <button
                type="button"
                className="float-right rounded-sm text-sm text-ink-faint hover:text-ink"
                aria-label={`${isAll ? 'None' : 'All'} of ${g.title}`}
                onClick={() =>
                  onChange([...chosen.filter((c) => !g.types.includes(c)), ...(isAll ? [] : g.types)])
                }
              >
                {isAll ? 'None' : 'All'}
              </button>
              <div className="clear-both grid pt-1.5">
                {g.types.map((t) => (
                  <label
                    key={t}
                    className="flex items-center gap-2.5 rounded-sm px-1 py-1.5 text-sm hover:bg-hover"
                  >
                    <input
                      type="checkbox"
                      checked={chosen.includes(t)}
                      onChange={() => toggle(t)}
                      className="size-4 shrink-0 accent-accent"
                    />
                    <span className="min-w-0 flex-1">{g.words[t] ?? t}</span>
                    <code className="font-mono text-xs text-ink-faint max-md:hidden">{t}</code>
                  </label>
                ))}
              </div>
            </fieldset>
          );
        })}
      {problem && (
        <p role="alert" className="mt-2 text-sm text-loss-text">
          {problem}
        </p>
      )}
    </>
  );
}

interface SecretProps {
  title: string;
  secret: string;
  children: string;
  onClose: () => void;
}

function SecretDialog({ title, secret, children, onClose }: SecretProps) {
  return (
    <Dialog
      title={title}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <Button look="primary" onPress={onClose}>
          I have it
        </Button>
      }
    >
      <p className="text-ink-soft">{children}</p>
      <div className="mt-4 flex items-center gap-3 rounded-md border border-line bg-sunken p-3">
        <code className="min-w-0 flex-1 font-mono text-sm wrap-anywhere">{secret}</code>
        <CopyButton text={secret} />
      </div>
      <p className="mt-3 text-sm text-ink-faint">
        How to check a signature, in Go and Node, is in docs/api.md.
      </p>
    </Dialog>
  );
}

const overlaps = [
  { hours: 0, label: 'Not at all' },
  { hours: 1, label: 'One hour' },
  { hours: 24, label: 'One day' },
  { hours: 168, label: 'One week' },
];

/** Gives an endpoint a new secret, with time to change over. */
export function RotateDialog({ endpoint, onClose }: { endpoint: WebhookEndpoint; onClose: () => void }) {
  const client = useQueryClient();
  const [hours, setHours] = useState(24);
  const rotate = useMutation({
    mutationFn: () => api.rotateWebhook(endpoint.id, hours),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.webhooks }),
    gcTime: 0,
  });
  if (rotate.data) {
    return (
      <SecretDialog title="Copy the new secret now" secret={rotate.data.secret} onClose={onClose}>
        {hours
          ? `It is shown this once. The old one signs, too, until ${fullTime(rotate.data.old_secret_until)}.`
          : 'It is shown this once. The old one signs nothing any more.'}
      </SecretDialog>
    );
  }
  return (
    <Dialog
      title={`A new secret for ${new URL(endpoint.url).host}?`}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep the old one</Button>
          <Button look="primary" busy={rotate.isPending} onPress={() => rotate.mutate()}>
            Make a new one
          </Button>
        </>
      }
    >
      {rotate.error && <FormProblem text={problemText(rotate.error)} />}
      <p className="text-ink-soft">
        For a while deliveries can carry both signatures, so that your system changes over when it suits you.
        If the old secret leaked, choose “Not at all”.
      </p>
      <SelectField
        className="mt-4"
        label="The old one goes on signing for"
        value={hours}
        onChange={(e) => setHours(Number(e.target.value))}
      >
        {overlaps.map((o) => (
          <option key={o.hours} value={o.hours}>
            {o.label}
          </option>
        ))}
      </SelectField>
    </Dialog>
  );
}

/** Removes an endpoint, with what waits for it. */
export function RemoveDialog({ endpoint, onClose }: { endpoint: WebhookEndpoint; onClose: () => void }) {
  const client = useQueryClient();
  const host = new URL(endpoint.url).host;
  const remove = useMutation({
    mutationFn: () => api.removeWebhook(endpoint.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.webhooks });
      void client.invalidateQueries({ queryKey: keys.webhookDeliveries });
      toast(`${host} is told nothing any more.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={`Remove ${host}?`}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button look="loss" busy={remove.isPending} onPress={() => remove.mutate()}>
            Remove
          </Button>
        </>
      }
    >
      {remove.error && <FormProblem text={problemText(remove.error)} />}
      <p className="text-ink-soft">
        {endpoint.waiting > 0 &&
          `${endpoint.waiting.toLocaleString('en')} ${endpoint.waiting === 1 ? 'delivery waits and goes' : 'deliveries wait and go'} with it. `}
        It learns of nothing any more, nor that somebody whom it knows is erased. Who was told of a person
        before stays on record, for that person to ask.
      </p>
    </Dialog>
  );
}
