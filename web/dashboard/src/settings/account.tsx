import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Download, LogOut, Trash2 } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import type { Account, OwnSession } from '../api/types';
import { roleName } from '../app/roles';
import { end, session } from '../app/runtime';
import { FormProblem } from '../auth/frame';
import { strength } from '../auth/password';
import { StrengthBar } from '../auth/setup';
import { fullTime, longAge } from '../lib/time';
import { LoadProblem, Seal } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';
import { SettingsPage } from './layout';
import { Cell, RowsSkeleton, Table } from './table';

/** An operator's own account: operators have the same rights over their data as contacts. */
export function AccountPage() {
  const { data, error, refetch } = useQuery({
    queryKey: keys.account,
    queryFn: ({ signal }) => api.account(signal),
  });
  return (
    <SettingsPage
      title="Your account"
      intro="What is held about you, and your rights over it. It is the same in all workspaces of this server."
    >
      {data ? (
        <div className="space-y-10">
          <ProfileForm key={`${data.name} ${data.email}`} account={data} />
          <PasswordForm account={data} />
          <Sessions />
          <Places account={data} />
          <Rights account={data} />
        </div>
      ) : error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : (
        <RowsSkeleton />
      )}
    </SettingsPage>
  );
}

function Part({ title, hint, children }: { title: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <h2 className="font-semibold">{title}</h2>
      {hint && <p className="mt-0.5 max-w-xl text-sm text-ink-faint">{hint}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}

function useAccountChange(done: string, onDone: () => void) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: api.updateAccount,
    onSuccess: (view) => {
      session.set((s) => s && { ...s, operator: view.operator });
      void client.invalidateQueries({ queryKey: keys.account });
      void client.invalidateQueries({ queryKey: keys.ownSessions });
      toast(done);
      onDone();
    },
  });
  const problem = change.error instanceof Problem ? change.error : null;
  return {
    change,
    problem,
    text: change.error && !problem?.fields.length ? problemText(change.error) : null,
  };
}

function ProfileForm({ account }: { account: Account }) {
  const [name, setName] = useState(account.name);
  const [email, setEmail] = useState(account.email);
  const [password, setPassword] = useState('');
  const { change, problem, text } = useAccountChange('Saved.', () => setPassword(''));
  const isMoving = email.trim() !== account.email;
  const isChanged = name.trim() !== account.name || isMoving;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change.isPending || !isChanged) return;
    change.mutate({
      name: name.trim(),
      ...(isMoving && { email: email.trim(), current_password: password }),
    });
  };
  return (
    <Part
      title="Name and address"
      hint={
        <>
          Visitors see your name beside your answers. <Seal title="Sealed with your own key." />
        </>
      }
    >
      <form onSubmit={submit} noValidate className="max-w-xl space-y-4">
        <FormProblem text={text} />
        <div className="grid gap-4 md:grid-cols-2">
          <TextField
            label="Name"
            value={name}
            autoComplete="name"
            onChange={(e) => setName(e.target.value)}
            problem={problem?.field('name')}
          />
          <TextField
            label="E-mail"
            type="email"
            value={email}
            autoComplete="email"
            onChange={(e) => setEmail(e.target.value)}
            problem={problem?.field('email')}
          />
        </div>
        {isMoving && (
          <TextField
            label="Present password"
            hint="You sign in with the new address from then on."
            type="password"
            value={password}
            autoComplete="current-password"
            onChange={(e) => setPassword(e.target.value)}
            problem={problem?.field('current_password')}
          />
        )}
        <Button type="submit" look="primary" isDisabled={!isChanged} busy={change.isPending}>
          Save
        </Button>
      </form>
    </Part>
  );
}

function PasswordForm({ account }: { account: Account }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { change, problem, text } = useAccountChange(
    'Your password is changed. Your other sessions have ended.',
    () => {
      setCurrent('');
      setNext('');
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!change.isPending && next) change.mutate({ current_password: current, new_password: next });
  };
  return (
    <Part title="Password">
      <form onSubmit={submit} noValidate className="max-w-xl space-y-4">
        <FormProblem text={text} />
        <input type="hidden" autoComplete="username" value={account.email} />
        <div className="grid gap-4 md:grid-cols-2">
          <TextField
            label="Present password"
            type="password"
            value={current}
            autoComplete="current-password"
            onChange={(e) => setCurrent(e.target.value)}
            problem={next ? problem?.field('current_password') : undefined}
          />
          <div>
            <TextField
              label="New password"
              type="password"
              value={next}
              autoComplete="new-password"
              onChange={(e) => setNext(e.target.value)}
              problem={problem?.field('new_password')}
            />
            {next && (
              <div className="mt-2">
                <StrengthBar value={strength(next, [account.name, account.email.split('@')[0] ?? ''])} />
              </div>
            )}
          </div>
        </div>
        <Button type="submit" isDisabled={!current || !next} busy={change.isPending}>
          Change password
        </Button>
      </form>
    </Part>
  );
}

function Sessions() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: keys.ownSessions,
    queryFn: ({ signal }) => api.ownSessions(signal),
  });
  const refresh = () => void client.invalidateQueries({ queryKey: keys.ownSessions });
  const end = useMutation({ mutationFn: api.endSession, onSuccess: refresh, onError: toastProblem });
  const endOthers = useMutation({
    mutationFn: api.endOtherSessions,
    onSuccess: () => {
      refresh();
      toast('You are signed in here alone.');
    },
    onError: toastProblem,
  });
  const all = data?.data ?? [];
  return (
    <Part title="Sessions" hint="Where you are signed in. No address and no device is stored, only times.">
      {error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <RowsSkeleton />
      ) : (
        <>
          <Table
            label="Sessions"
            head={[
              'Signed in',
              'Last used',
              <span key="x" className="sr-only">
                End
              </span>,
            ]}
          >
            {all.map((one) => (
              <SessionRow key={one.id} one={one} onEnd={() => end.mutate(one.id)} busy={end.isPending} />
            ))}
          </Table>
          {all.length > 1 && (
            <Button
              className="mt-3"
              icon={<LogOut size={15} />}
              busy={endOthers.isPending}
              onPress={() => endOthers.mutate()}
            >
              End all others
            </Button>
          )}
        </>
      )}
    </Part>
  );
}

function SessionRow({ one, onEnd, busy }: { one: OwnSession; onEnd: () => void; busy: boolean }) {
  return (
    <tr>
      <Cell className="whitespace-nowrap tabular-nums">{fullTime(one.created_at)}</Cell>
      <Cell className="whitespace-nowrap text-ink-soft">
        {one.current ? 'This one, now' : longAge(one.last_seen_at)}
      </Cell>
      <Cell className="w-20 text-right">
        {!one.current && (
          <Button
            size="sm"
            aria-label={`End the session of ${fullTime(one.created_at)}`}
            busy={busy}
            onPress={onEnd}
          >
            End
          </Button>
        )}
      </Cell>
    </tr>
  );
}

function Places({ account }: { account: Account }) {
  return (
    <Part title="Where you work">
      <Table label="Where you work" head={['Workspace', 'Role', 'Since']}>
        {account.memberships.map((m) => (
          <tr key={m.workspace_id}>
            <Cell className="font-medium">{m.workspace}</Cell>
            <Cell>
              {roleName(m.role)}
              {m.only_owner && <span className="text-ink-faint"> (the only one)</span>}
            </Cell>
            <Cell className="whitespace-nowrap text-ink-soft tabular-nums">{fullTime(m.since)}</Cell>
          </tr>
        ))}
      </Table>
    </Part>
  );
}

function Rights({ account }: { account: Account }) {
  const [isErasing, setErasing] = useState(false);
  const href = `/api/v1/account/export?locale=${encodeURIComponent(navigator.language)}`;
  return (
    <Part
      title="Your data"
      hint="Your account rests on the contract with whom you work for: there is no consent to take back and no use to object to, and restricting it would lock you out. What is no longer needed goes with the account."
    >
      <div className="flex flex-wrap gap-3">
        <a
          href={href}
          download
          className="inline-flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover"
        >
          <Download size={15} aria-hidden="true" />
          Download everything
        </a>
        <Button icon={<Trash2 size={15} />} onPress={() => setErasing(true)}>
          Erase your account
        </Button>
      </div>
      {isErasing && <EraseDialog account={account} onClose={() => setErasing(false)} />}
    </Part>
  );
}

function EraseDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const kept = account.memberships.filter((m) => m.only_owner).map((m) => m.workspace);
  const erase = useMutation({
    mutationFn: () => api.eraseAccount(password),
    onSuccess: async (receipt) => {
      const text = JSON.stringify(receipt, null, 2);
      const href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
      Object.assign(document.createElement('a'), { href, download: `erasure-${receipt.id}.json` }).click();
      URL.revokeObjectURL(href);
      end();
      await navigate({ to: '/sign-in', search: {} });
      toast('Your account is erased. The receipt was downloaded.');
    },
  });
  const problem = erase.error instanceof Problem ? erase.error : null;
  const submit = () => {
    if (password && !erase.isPending) erase.mutate();
  };
  if (kept.length) return <OnlyOwner workspaces={kept} onClose={onClose} />;
  return (
    <Dialog
      title="Erase your account for good?"
      isOpen
      isAlert
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Keep</Button>
          <Button look="loss" isDisabled={!password} busy={erase.isPending} onPress={submit}>
            {erase.isPending ? 'Erasing…' : 'Erase for good'}
          </Button>
        </>
      }
    >
      {erase.error && !problem?.fields.length && <FormProblem text={problemText(erase.error)} />}
      <p className="mt-1 text-ink-soft">This cannot be undone by anybody, us included.</p>
      <ul className="mt-2 list-disc space-y-1 pl-5 text-ink-soft marker:text-loss">
        <li>
          you leave {account.memberships.map((m) => m.workspace).join(', ')} and are signed out everywhere
        </li>
        <li>your name, address and password go, and the key that they are sealed with, also in backups</li>
        <li>what you wrote stays with the people you wrote to, as from a former colleague</li>
      </ul>
      <p className="mt-3 mb-4 text-ink-soft">
        The audit log keeps that you acted, under a number that leads to nobody. You get a signed receipt.
      </p>
      <TextField
        label="Your password"
        type="password"
        autoFocus
        autoComplete="current-password"
        value={password}
        onChange={(e) => setPassword(e.target.value)}
        onKeyDown={(e) => e.key === 'Enter' && submit()}
        problem={problem?.field('current_password')}
      />
    </Dialog>
  );
}

function OnlyOwner({ workspaces, onClose }: { workspaces: string[]; onClose: () => void }) {
  return (
    <Dialog
      title="A workspace needs an owner"
      isOpen
      onClose={onClose}
      footer={
        <Button look="primary" onPress={onClose}>
          Understood
        </Button>
      }
    >
      <p className="mt-1 text-ink-soft">
        You are the only owner of {workspaces.join(', ')}. Make somebody else an owner under Settings,
        Operators; then you can erase your account.
      </p>
    </Dialog>
  );
}
