import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import type { ApiKey } from '../api/types';
import { may } from '../app/permissions';
import { allows } from '../app/runtime';
import { useCan, useSession } from '../app/session';
import { FormProblem } from '../auth/frame';
import { fullTime, longAge } from '../lib/time';
import { Empty, LoadProblem, Tag } from '../ui/bits';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';
import { SettingsPage } from './layout';
import { Cell, RowsSkeleton, Table } from './table';

/** What a key may be allowed, in words. */
const scopes: { id: string; label: string }[] = [
  { id: 'inbox:read', label: 'Read conversations' },
  { id: 'inbox:write', label: 'Answer, assign, resolve' },
  { id: 'contacts:read', label: 'Read contacts' },
  { id: 'contacts:write', label: 'Add and change contacts' },
  { id: 'contacts:erase', label: 'Erase contacts' },
  { id: 'privacy:read', label: 'Read consents and the catalogue' },
  { id: 'privacy:write', label: 'Record consents' },
  { id: 'audit:read', label: 'Read the audit and access logs' },
  { id: 'webhooks:read', label: 'Read webhooks and their deliveries' },
  { id: 'webhooks:write', label: 'Add webhooks, send again' },
  { id: 'workspace:read', label: 'Read the settings' },
];

export function ApiKeysPage() {
  const mayWrite = useCan(may.writeKeys);
  const { data, error, refetch } = useQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => api.apiKeys(signal),
  });
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const create = mayWrite && (
    <Button icon={<Plus size={15} />} onPress={() => setCreating(true)}>
      Create a key
    </Button>
  );
  return (
    <SettingsPage
      title="API keys"
      intro={
        <>
          For your own code. A key does what a colleague with the same permissions could do, and is logged the
          same.{' '}
          <a
            href="/docs"
            target="_blank"
            rel="noreferrer"
            className="font-medium text-accent-text underline underline-offset-2"
          >
            Read the reference
          </a>
        </>
      }
      action={data?.data.length ? create : null}
    >
      {error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton />
      ) : data.data.length === 0 ? (
        <Empty icon={<KeyRound size={22} strokeWidth={1.6} />} title="No keys yet" action={create}>
          Create one to send contacts, read conversations or follow the live stream from your own code.
        </Empty>
      ) : (
        <Table
          label="API keys"
          head={[
            'Name',
            'May',
            'Last used',
            <span key="x" className="sr-only">
              Revoke
            </span>,
          ]}
        >
          {data.data.map((k) => (
            <KeyRow key={k.id} k={k} onRevoke={mayWrite ? () => setRevoking(k) : null} />
          ))}
        </Table>
      )}
      {mayWrite && <IdentitySecret />}
      {isCreating && <CreateDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeDialog k={revoking} onClose={() => setRevoking(null)} />}
    </SettingsPage>
  );
}

/** What a website signs identity tokens with, shown only when it is asked for. */
function IdentitySecret() {
  const [isReplacing, setReplacing] = useState(false);
  const show = useMutation({ mutationFn: api.identitySecret, onError: toastProblem, gcTime: 0 });
  const replace = useMutation({
    mutationFn: api.replaceIdentitySecret,
    gcTime: 0,
    onSuccess: () => {
      setReplacing(false);
      toast('Replaced. Sign new tokens with the new one.');
    },
  });
  const secret = (replace.data ?? show.data)?.identity_secret;
  return (
    <section className="mt-10">
      <h2 className="font-semibold">Identity secret</h2>
      <p className="mt-1 max-w-xl text-ink-soft">
        Your server signs with it who is signed in (a JWT, HS256), so that a visitor is verified and nobody
        can pass for another. It never belongs in a page.
      </p>
      <div className="mt-3 flex flex-wrap items-center gap-2">
        {secret ? (
          <>
            <code className="rounded-md border border-line bg-sunken px-3 py-1.5 font-mono text-sm wrap-anywhere">
              {secret}
            </code>
            <CopyButton text={secret} />
          </>
        ) : (
          <Button busy={show.isPending} onPress={() => show.mutate()}>
            Show the secret
          </Button>
        )}
        <Button look="quiet" onPress={() => setReplacing(true)}>
          Replace…
        </Button>
      </div>
      {isReplacing && (
        <Dialog
          title="Replace the identity secret?"
          isOpen
          isAlert
          onClose={() => setReplacing(false)}
          footer={
            <>
              <Button onPress={() => setReplacing(false)}>Keep</Button>
              <Button look="loss" busy={replace.isPending} onPress={() => replace.mutate()}>
                Replace
              </Button>
            </>
          }
        >
          {replace.error && <FormProblem text={problemText(replace.error)} />}
          <p className="text-ink-soft">
            Tokens that are signed with the old one are refused from this moment on. Until your server signs
            with the new one, visitors count as unverified.
          </p>
        </Dialog>
      )}
    </section>
  );
}

function KeyRow({ k, onRevoke }: { k: ApiKey; onRevoke: (() => void) | null }) {
  const isRevoked = k.revoked_at !== null;
  return (
    <tr className={isRevoked ? 'text-ink-faint' : ''}>
      <Cell>
        <span className="block font-medium">{k.name}</span>
        <code className="font-mono text-xs text-ink-faint">{k.prefix}…</code>
      </Cell>
      <Cell>
        <span className="flex max-w-72 flex-wrap gap-1">
          {k.scopes.map((s) => (
            <Tag key={s}>{s === '*' ? 'everything' : s}</Tag>
          ))}
        </span>
      </Cell>
      <Cell className="whitespace-nowrap text-ink-faint">
        {isRevoked && k.revoked_at ? (
          <span title={fullTime(k.revoked_at)}>Revoked {longAge(k.revoked_at)}</span>
        ) : k.last_used_at ? (
          longAge(k.last_used_at)
        ) : (
          'Never'
        )}
      </Cell>
      <Cell className="text-right">
        {onRevoke && !isRevoked && (
          <Button size="sm" look="quiet" onPress={onRevoke} aria-label={`Revoke ${k.name}`}>
            Revoke
          </Button>
        )}
      </Cell>
    </tr>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const { permissions } = useSession();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const create = useMutation({
    mutationFn: () => api.createApiKey({ name: name.trim(), scopes: chosen }),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.apiKeys }),
    gcTime: 0,
  });
  const problem = create.error instanceof Problem ? create.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) create.mutate();
  };
  const toggle = (id: string) =>
    setChosen((all) => (all.includes(id) ? all.filter((s) => s !== id) : [...all, id]));
  if (create.data) return <SecretDialog secret={create.data.secret} onClose={onClose} />;
  return (
    <Dialog
      title="Create a key"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="create-key"
            look="primary"
            isDisabled={!name.trim() || !chosen.length}
            busy={create.isPending}
          >
            Create
          </Button>
        </>
      }
    >
      <form id="create-key" onSubmit={submit} noValidate className="mt-2">
        {create.error && !problem?.fields.length && <FormProblem text={problemText(create.error)} />}
        <TextField
          label="Name"
          hint="What it is for, so that you know later."
          placeholder="Sync from our shop"
          autoFocus
          value={name}
          onChange={(e) => setName(e.target.value)}
          problem={problem?.field('name')}
        />
        <fieldset className="mt-5">
          <legend className="mb-2 text-sm font-medium">What it may do</legend>
          <div className="grid gap-1">
            {scopes
              .filter((s) => allows(permissions, s.id))
              .map((s) => (
                <label
                  key={s.id}
                  className="flex items-center gap-2.5 rounded-sm px-1 py-1 text-sm hover:bg-hover"
                >
                  <input
                    type="checkbox"
                    checked={chosen.includes(s.id)}
                    onChange={() => toggle(s.id)}
                    className="size-4 accent-accent"
                  />
                  <span className="flex-1">{s.label}</span>
                  <code className="font-mono text-xs text-ink-faint">{s.id}</code>
                </label>
              ))}
          </div>
          {problem?.field('scopes') && (
            <p role="alert" className="mt-1 text-sm text-loss-text">
              {problem.field('scopes')}
            </p>
          )}
        </fieldset>
      </form>
    </Dialog>
  );
}

function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog
      title="Copy the key now"
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <Button look="primary" onPress={onClose}>
          I have it
        </Button>
      }
    >
      <p className="text-ink-soft">
        It is shown this once: we keep only its fingerprint. Treat it like a password.
      </p>
      <div className="mt-4 flex items-center gap-3 rounded-md border border-line bg-sunken p-3">
        <code className="min-w-0 flex-1 font-mono text-sm wrap-anywhere">{secret}</code>
        <CopyButton text={secret} />
      </div>
    </Dialog>
  );
}

function RevokeDialog({ k, onClose }: { k: ApiKey; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api.revokeApiKey(k.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.apiKeys });
      toast(`“${k.name}” is revoked.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={`Revoke “${k.name}”?`}
      isOpen
      isAlert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button look="loss" busy={revoke.isPending} onPress={() => revoke.mutate()}>
            Revoke
          </Button>
        </>
      }
    >
      {revoke.error && <FormProblem text={problemText(revoke.error)} />}
      <p className="text-ink-soft">
        Code that uses it is refused from this moment on. It cannot be brought back; create a new one instead.
      </p>
    </Dialog>
  );
}
