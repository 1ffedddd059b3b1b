import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, Plus, UserMinus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import type { Operator, Role } from '../api/types';
import { may } from '../app/permissions';
import { roleName, roles } from '../app/roles';
import { useCan, useSession } from '../app/session';
import { FormProblem } from '../auth/frame';
import { strength } from '../auth/password';
import { StrengthBar } from '../auth/setup';
import { longAge } from '../lib/time';
import { Avatar, LoadProblem } from '../ui/bits';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/field';
import { Menu } from '../ui/menu';
import { toast, toastProblem } from '../ui/toast';
import { SettingsPage } from './layout';
import { Cell, RowsSkeleton, Table } from './table';

export function OperatorsPage() {
  const mayWrite = useCan(may.writeOperators);
  const { data, error, refetch } = useQuery({
    queryKey: keys.operators,
    queryFn: ({ signal }) => api.operators(signal),
  });
  const [isAdding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Operator | null>(null);
  return (
    <SettingsPage
      title="Operators"
      intro="The people who answer. Only they reach your visitors' data, and each of their looks is on record."
      action={
        mayWrite && (
          <Button icon={<Plus size={15} />} onPress={() => setAdding(true)}>
            Add an operator
          </Button>
        )
      }
    >
      {error ? (
        <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />
      ) : data ? (
        <Table
          label="Operators"
          head={[
            'Name',
            'Role',
            'Last seen',
            <span key="x" className="sr-only">
              Remove
            </span>,
          ]}
        >
          {data.data.map((o) => (
            <OperatorRow key={o.id} o={o} mayWrite={mayWrite} onRemove={() => setLeaving(o)} />
          ))}
        </Table>
      ) : (
        <RowsSkeleton />
      )}
      {isAdding && <AddDialog onClose={() => setAdding(false)} />}
      {leaving && <RemoveDialog o={leaving} onClose={() => setLeaving(null)} />}
    </SettingsPage>
  );
}

function OperatorRow({ o, mayWrite, onRemove }: { o: Operator; mayWrite: boolean; onRemove: () => void }) {
  const { operator: me } = useSession();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (role: Role) => api.changeRole(o.id, role),
    onSuccess: (_, role) => {
      void client.invalidateQueries({ queryKey: keys.operators });
      toast(`${o.name}: ${roleName(role).toLowerCase()} from now on.`);
    },
    onError: toastProblem,
  });
  const isMe = o.id === me.id;
  return (
    <tr>
      <Cell>
        <span className="flex items-center gap-3">
          <Avatar name={o.name} kind="operator" />
          <span className="min-w-0">
            <span className="block font-medium">
              {o.name}
              {isMe && <span className="font-normal text-ink-faint"> (you)</span>}
            </span>
            <span className="block text-ink-faint">{o.email}</span>
          </span>
        </span>
      </Cell>
      <Cell>
        {mayWrite && !isMe ? (
          <Menu
            label={`Role of ${o.name}`}
            groups={[
              {
                id: 'roles',
                items: roles.map((r) => ({
                  id: r.id,
                  label: r.name,
                  isChosen: r.id === o.role,
                  onAction: () => r.id !== o.role && change.mutate(r.id),
                })),
              },
            ]}
            trigger={
              <AriaButton className="-ml-2 flex h-8 items-center gap-1.5 rounded-md px-2 whitespace-nowrap data-[hovered]:bg-hover">
                {roleName(o.role)}
                <ChevronDown size={14} className="text-ink-faint" aria-hidden="true" />
              </AriaButton>
            }
          />
        ) : (
          roleName(o.role)
        )}
      </Cell>
      <Cell className="whitespace-nowrap text-ink-faint">
        {o.last_seen_at ? longAge(o.last_seen_at) : 'Never'}
      </Cell>
      <Cell className="w-12">
        {mayWrite && !isMe && (
          <IconButton label={`Remove ${o.name}`} onPress={onRemove}>
            <UserMinus size={16} />
          </IconButton>
        )}
      </Cell>
    </tr>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [form, setForm] = useState<{ name: string; email: string; password: string; role: Role }>({
    name: '',
    email: '',
    password: '',
    role: 'agent',
  });
  const add = useMutation({
    mutationFn: () => api.addOperator({ ...form, name: form.name.trim(), email: form.email.trim() }),
    onSuccess: (o) => {
      void client.invalidateQueries({ queryKey: keys.operators });
      toast(`${o.name} can sign in now.`);
      onClose();
    },
  });
  const problem = add.error instanceof Problem ? add.error : null;
  const field = (name: keyof typeof form) => ({
    value: form[name],
    onChange: (e: { target: { value: string } }) => setForm((f) => ({ ...f, [name]: e.target.value })),
    problem: problem?.field(name),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!add.isPending) add.mutate();
  };
  return (
    <Dialog
      title="Add an operator"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" form="add-operator" look="primary" busy={add.isPending}>
            Add
          </Button>
        </>
      }
    >
      <form id="add-operator" onSubmit={submit} noValidate className="mt-2 space-y-4">
        {add.error && !problem?.fields.length && <FormProblem text={problemText(add.error)} />}
        <TextField
          {...field('name')}
          label="Name"
          hint="Visitors see it beside their answers."
          autoFocus
          autoComplete="off"
        />
        <TextField {...field('email')} label="E-mail" type="email" autoComplete="off" />
        <SelectField {...field('role')} label="Role">
          {roles.map((r) => (
            <option key={r.id} value={r.id}>
              {r.name}: {r.can.charAt(0).toLowerCase() + r.can.slice(1)}
            </option>
          ))}
        </SelectField>
        <div>
          <TextField
            {...field('password')}
            label="First password"
            hint="Hand it over in person or by phone."
            type="password"
            autoComplete="new-password"
          />
          <div className="mt-2">
            <StrengthBar value={strength(form.password, [form.name, form.email.split('@')[0] ?? ''])} />
          </div>
        </div>
      </form>
    </Dialog>
  );
}

function RemoveDialog({ o, onClose }: { o: Operator; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.removeOperator(o.id),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: keys.operators });
      toast(`${o.name} can no longer sign in.`);
      onClose();
    },
  });
  return (
    <Dialog
      title={`Remove ${o.name}?`}
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
        They are signed out everywhere at once. What they wrote stays; their conversations stay assigned to
        them until you hand them on.
      </p>
    </Dialog>
  );
}
