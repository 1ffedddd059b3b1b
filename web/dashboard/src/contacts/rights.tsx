import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleSlash, Landmark } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useOperators } from '../inbox/data';
import { displayName } from '../lib/names';
import { fullTime, longAge } from '../lib/time';
import { LoadProblem, Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextArea, TextField } from '../ui/field';
import { toast, toastProblem } from '../ui/toast';
import { usePurposes } from './consents';

interface Party {
  type: string;
  id: string;
}

/** Who did it, by name where this role may know it. */
export function useWho(): (by: Party) => string {
  const operators = useOperators();
  return (by) => {
    if (by.type === 'contact') return 'the person';
    if (by.type === 'api_key') return 'your own system';
    if (by.type === 'system') return 'Botimum';
    return operators.find((o) => o.id === by.id)?.name ?? 'a colleague';
  };
}

/** Whatever a change of somebody's rights touches is asked for again. */
function useRefresh(contactId: string): () => void {
  const client = useQueryClient();
  return () => {
    for (const key of [keys.contact(contactId), keys.contacts, keys.rights(contactId), keys.conversations]) {
      void client.invalidateQueries({ queryKey: key });
    }
    void client.invalidateQueries({ queryKey: ['conversation'] });
    void client.invalidateQueries({ queryKey: ['messages'] });
  };
}

/** Says on every screen of theirs that a person is restricted, since when, by whom, and how to lift it. */
export function RestrictedBanner({ contact }: { contact: Contact }) {
  const mayRead = useCan(may.readPrivacy);
  const mayWrite = useCan(may.writePrivacy);
  const who = useWho();
  const [isLifting, setLifting] = useState(false);
  const history = useRestriction(contact.id, mayRead && contact.restricted_at !== null);
  if (!contact.restricted_at) return null;
  const last = history.data?.history[0];
  return (
    <div className="mb-6 flex flex-wrap items-center justify-between gap-3 rounded-md border border-time-line bg-time-soft px-4 py-2.5 text-sm text-time-text">
      <p className="min-w-0 flex-1 basis-72">
        <span className="font-medium">Restricted</span>{' '}
        <span title={fullTime(contact.restricted_at)}>{longAge(contact.restricted_at)}</span>
        {last && ` by ${who(last.actor)}`}. Their data is stored and nothing else happens to it.
        {last?.reason && <span className="block">Reason: {last.reason}</span>}
      </p>
      {mayWrite && (
        <Button size="sm" onPress={() => setLifting(true)}>
          Lift
        </Button>
      )}
      {isLifting && <RestrictDialog contact={contact} on={false} onClose={() => setLifting(false)} />}
    </div>
  );
}

function useRestriction(contactId: string, isEnabled: boolean) {
  return useQuery({
    queryKey: keys.restriction(contactId),
    queryFn: ({ signal }) => api.restriction(contactId, signal),
    enabled: isEnabled,
  });
}

/** Restriction, objections and legal hold of one person. */
export function Rights({ contact }: { contact: Contact }) {
  return (
    <div className="space-y-8">
      <Part title="Objections" icon={<CircleSlash size={15} />}>
        <Objections contactId={contact.id} />
      </Part>
      <Part title="Restriction">
        <Restriction contact={contact} />
      </Part>
      <Part title="Legal hold" icon={<Landmark size={15} />}>
        <Hold contact={contact} />
      </Part>
    </div>
  );
}

function Part({ title, icon, children }: { title: string; icon?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-2 flex h-6 items-center gap-2 text-sm font-semibold">
        {icon && <span className="text-ink-faint">{icon}</span>}
        {title}
      </h2>
      {children}
    </section>
  );
}

function Objections({ contactId }: { contactId: string }) {
  const mayWrite = useCan(may.writePrivacy);
  const purposes = usePurposes();
  const refresh = useRefresh(contactId);
  const [purpose, setPurpose] = useState('');
  const { data, error, refetch } = useQuery({
    queryKey: keys.objections(contactId),
    queryFn: ({ signal }) => api.objections(contactId, signal),
  });
  const object = useMutation({
    mutationFn: () => api.object(contactId, purpose),
    onSuccess: () => {
      setPurpose('');
      toast('Noted. Their data is not used for that any more.');
      refresh();
    },
    onError: toastProblem,
  });
  const takeBack = useMutation({
    mutationFn: (key: string) => api.withdrawObjection(contactId, key),
    onSuccess: refresh,
    onError: toastProblem,
  });
  if (error) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-4 w-3/5" />;
  const inForce = data.data.filter((o) => o.in_force);
  const open = purposes.filter(
    (p) => p.lawful_basis !== 'legal_obligation' && !inForce.some((o) => o.purpose === p.key),
  );
  const nameOf = (key: string) => purposes.find((p) => p.key === key)?.name ?? key.replaceAll('_', ' ');
  return (
    <>
      {inForce.length === 0 && <p className="text-sm text-ink-faint">They objected to nothing.</p>}
      <ul className="divide-y divide-line">
        {inForce.map((o) => (
          <li key={o.id} className="flex items-center justify-between gap-3 py-2 text-sm">
            <span>
              {nameOf(o.purpose)}
              <span className="block text-xs text-ink-faint" title={fullTime(o.created_at)}>
                {longAge(o.created_at)}, by {o.source}
              </span>
            </span>
            {mayWrite && (
              <Button
                size="sm"
                look="quiet"
                busy={takeBack.isPending}
                onPress={() => takeBack.mutate(o.purpose)}
              >
                They take it back
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayWrite && open.length > 0 && (
        <form
          className="mt-2 flex items-end gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            if (purpose) object.mutate();
          }}
        >
          <SelectField
            className="min-w-0 flex-1"
            label="They object to"
            value={purpose}
            onChange={(e) => setPurpose(e.target.value)}
          >
            <option value="">Choose a purpose</option>
            {open.map((p) => (
              <option key={p.key} value={p.key}>
                {p.name}
              </option>
            ))}
          </SelectField>
          <Button type="submit" isDisabled={!purpose} busy={object.isPending}>
            Note it
          </Button>
        </form>
      )}
    </>
  );
}

function Restriction({ contact }: { contact: Contact }) {
  const mayWrite = useCan(may.writePrivacy);
  const who = useWho();
  const [isOpen, setOpen] = useState(false);
  const { data, error, refetch } = useRestriction(contact.id, true);
  if (error) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-4 w-3/5" />;
  return (
    <>
      {data.history.length === 0 && <p className="text-sm text-ink-faint">Never restricted.</p>}
      <ul className="space-y-2 text-sm">
        {data.history.map((r) => (
          <li key={r.id}>
            {r.action === 'restrict' ? 'Restricted' : 'Lifted'} by {who(r.actor)}
            {r.reason && `: ${r.reason}`}
            <span className="block text-xs text-ink-faint">{fullTime(r.created_at)}</span>
          </li>
        ))}
      </ul>
      {mayWrite && (
        <Button size="sm" className="mt-3" onPress={() => setOpen(true)}>
          {data.restricted ? 'Lift the restriction…' : 'Restrict…'}
        </Button>
      )}
      {isOpen && <RestrictDialog contact={contact} on={!data.restricted} onClose={() => setOpen(false)} />}
    </>
  );
}

interface RestrictProps {
  contact: Contact;
  on: boolean;
  onClose: () => void;
}

function RestrictDialog({ contact, on, onClose }: RestrictProps) {
  const refresh = useRefresh(contact.id);
  const [reason, setReason] = useState('');
  const change = useMutation({
    mutationFn: () => api.setRestriction(contact.id, on, reason.trim()),
    onSuccess: () => {
      toast(
        on ? 'Restricted. Nothing but storage happens to their data now.' : 'Lifted. They are told by mail.',
      );
      refresh();
      onClose();
    },
  });
  return (
    <ReasonDialog
      title={on ? `Restrict ${displayName(contact)}?` : `Lift the restriction of ${displayName(contact)}?`}
      act={on ? 'Restrict' : 'Lift'}
      problem={change.error ? problemText(change.error) : undefined}
      isBusy={change.isPending}
      reason={reason}
      onReason={setReason}
      onClose={onClose}
      onSubmit={() => change.mutate()}
    >
      {on
        ? 'Nobody can reply, edit, find or export them, or read what they wrote, until this is lifted. What they write is stored. They keep their own access.'
        : 'Their data can be used again as before. They are told so by mail, with the reason.'}
    </ReasonDialog>
  );
}

interface ReasonProps {
  title: string;
  act: string;
  children: ReactNode;
  more?: ReactNode;
  problem: string | undefined;
  isBusy: boolean;
  isReady?: boolean;
  reason: string;
  onReason: (reason: string) => void;
  onClose: () => void;
  onSubmit: () => void;
}

/** Asks why, since the reason stays on record. */
function ReasonDialog({ title, act, children, more, isReady = true, ...rest }: ReasonProps) {
  const { problem, isBusy, reason, onReason, onClose, onSubmit } = rest;
  const submit = (e?: FormEvent) => {
    e?.preventDefault();
    if (reason.trim() && isReady && !isBusy) onSubmit();
  };
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            isDisabled={!reason.trim() || !isReady}
            busy={isBusy}
            onPress={() => submit()}
          >
            {act}
          </Button>
        </>
      }
    >
      <form onSubmit={submit}>
        <p className="mt-1 mb-4 text-ink-soft">{children}</p>
        {more}
        <TextArea
          label="Why"
          hint="Sealed, and kept with the person."
          autoFocus
          maxLength={1000}
          value={reason}
          onChange={(e) => onReason(e.target.value)}
          problem={problem}
        />
      </form>
    </Dialog>
  );
}

function Hold({ contact }: { contact: Contact }) {
  const mayWrite = useCan(may.writePrivacy);
  const who = useWho();
  const refresh = useRefresh(contact.id);
  const [isOpen, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: keys.hold(contact.id),
    queryFn: ({ signal }) => api.hold(contact.id, signal),
  });
  const lift = useMutation({
    mutationFn: () => api.liftHold(contact.id),
    onSuccess: () => {
      toast('The hold is lifted. They can be erased again.');
      refresh();
    },
    onError: toastProblem,
  });
  if (error) return <LoadProblem text={problemText(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-4 w-3/5" />;
  const now = data.history.find((h) => h.in_force);
  return (
    <>
      {now ? (
        <p className="text-sm">
          Cannot be erased until {fullTime(now.ends_at)}. Set by {who(now.actor)}: {now.reason}
        </p>
      ) : (
        <p className="text-sm text-ink-faint">None. They can be erased at any time.</p>
      )}
      {mayWrite && (
        <span className="mt-3 flex gap-2">
          <Button size="sm" onPress={() => setOpen(true)}>
            {now ? 'Change…' : 'Set a hold…'}
          </Button>
          {now && (
            <Button size="sm" look="quiet" busy={lift.isPending} onPress={() => lift.mutate()}>
              Lift now
            </Button>
          )}
        </span>
      )}
      {isOpen && <HoldDialog contact={contact} onClose={() => setOpen(false)} onDone={refresh} />}
    </>
  );
}

function HoldDialog({
  contact,
  onClose,
  onDone,
}: {
  contact: Contact;
  onClose: () => void;
  onDone: () => void;
}) {
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const set = useMutation({
    mutationFn: () => api.setHold(contact.id, reason.trim(), new Date(`${until}T23:59:59`).toISOString()),
    onSuccess: () => {
      toast('Held. Erasure waits until then.');
      onDone();
      onClose();
    },
  });
  return (
    <ReasonDialog
      title={`Keep ${displayName(contact)} for a legal claim?`}
      act="Hold"
      problem={set.error ? problemText(set.error) : undefined}
      isBusy={set.isPending}
      isReady={until !== ''}
      reason={reason}
      onReason={setReason}
      onClose={onClose}
      onSubmit={() => set.mutate()}
      more={
        <TextField
          className="mb-4"
          type="date"
          label="Until the end of"
          hint="It ends by itself then; at most ten years."
          required
          value={until}
          onChange={(e) => setUntil(e.target.value)}
        />
      }
    >
      Nobody can erase them meanwhile, themselves included. They are told so if they ask to be erased.
    </ReasonDialog>
  );
}
