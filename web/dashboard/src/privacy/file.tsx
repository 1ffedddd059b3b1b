import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import type { Contact, RequestKind } from '../api/types';
import { FormProblem } from '../auth/frame';
import { usePurposes } from '../contacts/consents';
import { useSettled } from '../lib/hooks';
import { displayName } from '../lib/names';
import { Avatar } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextArea, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { kindOrder, kinds, states } from './words';

const formId = 'file-request';

/** What can be put right by hand, and what it is called. */
const correctable = [
  ['name', 'Name'],
  ['first_name', 'First name'],
  ['last_name', 'Last name'],
  ['email', 'E-mail'],
  ['phone', 'Phone'],
] as const;

/** Files a request on behalf of somebody. Without a contact it is asked for first. */
export function FileRequest({ contact, onClose }: { contact?: Contact; onClose: () => void }) {
  const [who, setWho] = useState<Contact | null>(contact ?? null);
  const [kind, setKind] = useState<RequestKind>('access');
  const [note, setNote] = useState('');
  const [purpose, setPurpose] = useState('');
  const [field, setField] = useState<string>('name');
  const [right, setRight] = useState('');
  const [isVouched, setVouched] = useState(false); // nobody vouches by oversight
  const client = useQueryClient();
  const navigate = useNavigate();
  const file = useMutation({
    mutationFn: (id: string) =>
      api.fileRequest({
        contact_id: id,
        kind,
        verified: isVouched,
        ...(note.trim() && { note: note.trim() }),
        ...(kind === 'objection' && purpose && { purpose }),
        ...(kind === 'rectification' && right.trim() && { changes: { [field]: right.trim() } }),
      }),
    onSuccess: (r) => {
      void client.invalidateQueries({ queryKey: keys.requests });
      void client.invalidateQueries({ queryKey: keys.contacts });
      if (who) void client.invalidateQueries({ queryKey: keys.contact(who.id) });
      toast(r.closed_at ? 'Answered at once.' : `Filed: ${states[r.state].toLowerCase()}.`);
      onClose();
      void navigate({ to: '/privacy-centre/requests/$requestId', params: { requestId: r.id } });
    },
  });
  const problem = file.error instanceof Problem ? file.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (who && !file.isPending) file.mutate(who.id);
  };
  const erases = kind === 'erasure' && isVouched;
  return (
    <Dialog
      title={who ? `New request for ${displayName(who)}` : 'New request'}
      isOpen
      onClose={onClose}
      width="md"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={formId}
            look={erases ? 'loss' : 'primary'}
            isDisabled={!who}
            busy={file.isPending}
          >
            {erases ? 'File it and erase' : 'File it'}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate className="mt-2 space-y-4">
        {file.error && (
          <FormProblem
            text={
              problem?.fields[0]
                ? `${problem.fields[0].field}: ${problem.fields[0].detail}`
                : problemText(file.error)
            }
          />
        )}
        {!contact && <Who who={who} onPick={setWho} />}
        <SelectField
          label="What they ask for"
          value={kind}
          onChange={(e) => setKind(e.target.value as RequestKind)}
          hint={kinds[kind].says}
        >
          {kindOrder.map((k) => (
            <option key={k} value={k}>
              {kinds[k].name}
            </option>
          ))}
        </SelectField>
        {kind === 'objection' && <PurposeField value={purpose} onChange={setPurpose} />}
        {kind === 'rectification' && (
          <div className="grid grid-cols-[9rem_minmax(0,1fr)] gap-3">
            <SelectField label="What is wrong" value={field} onChange={(e) => setField(e.target.value)}>
              {correctable.map(([key, label]) => (
                <option key={key} value={key}>
                  {label}
                </option>
              ))}
            </SelectField>
            <TextField
              label="What is right"
              value={right}
              onChange={(e) => setRight(e.target.value)}
              autoComplete="off"
            />
          </div>
        )}
        <TextArea
          label="What they said"
          hint="Sealed with their own key; they see it too."
          value={note}
          maxLength={4000}
          onChange={(e) => setNote(e.target.value)}
        />
        <label className="flex items-start gap-3 text-sm">
          <input
            type="checkbox"
            checked={isVouched}
            onChange={(e) => setVouched(e.target.checked)}
            className="mt-0.5 size-4 shrink-0 accent-(--accent)"
          />
          <span>
            I made sure that it is they who ask
            <span className="block text-ink-faint">
              {isVouched
                ? kind === 'erasure'
                  ? 'Unless your settings want a person to look first, they are erased at once and for good.'
                  : 'It is carried out at once, unless your settings want a person to look first.'
                : 'They are sent a link with which they confirm it themselves.'}
            </span>
          </span>
        </label>
      </form>
    </Dialog>
  );
}

function PurposeField({ value, onChange }: { value: string; onChange: (key: string) => void }) {
  const purposes = usePurposes();
  return (
    <SelectField label="What they object to" value={value} onChange={(e) => onChange(e.target.value)}>
      <option value="">Everything that can be objected to</option>
      {purposes
        .filter((p) => p.lawful_basis !== 'legal_obligation' && p.lawful_basis !== 'contract')
        .map((p) => (
          <option key={p.key} value={p.key}>
            {p.name}
          </option>
        ))}
    </SelectField>
  );
}

/** Finds the person whom a request is about. */
function Who({ who, onPick }: { who: Contact | null; onPick: (c: Contact | null) => void }) {
  const [text, setText] = useState('');
  const q = useSettled(text.trim(), 200);
  const { data, error } = useQuery({
    queryKey: ['contacts', 'pick', q],
    queryFn: ({ signal }) => api.searchContacts(q, undefined, signal, 5),
    enabled: q.length > 1 && !who,
  });
  if (who) {
    return (
      <div className="flex items-center gap-3 rounded-md border border-line px-3 py-2">
        <Avatar name={displayName(who)} size="sm" />
        <span className="min-w-0 flex-1 truncate font-medium">{displayName(who)}</span>
        <Button size="sm" look="quiet" onPress={() => onPick(null)}>
          Somebody else
        </Button>
      </div>
    );
  }
  return (
    <div>
      <TextField
        label="Who asks"
        placeholder="Name, whole e-mail or phone number"
        autoFocus
        autoComplete="off"
        value={text}
        onChange={(e) => setText(e.target.value)}
        problem={error ? problemText(error) : undefined}
      />
      {q.length > 1 && data && (
        <ul className="mt-1.5 divide-y divide-line rounded-md border border-line">
          {data.data.map((c) => (
            <li key={c.id}>
              <button
                type="button"
                onClick={() => onPick(c)}
                className="flex w-full items-center gap-3 px-3 py-2 text-left hover:bg-hover"
              >
                <Avatar name={displayName(c)} size="sm" />
                <span className="min-w-0 flex-1 truncate">{displayName(c)}</span>
                <span className="truncate text-sm text-ink-faint">{c.name ? c.email : ''}</span>
              </button>
            </li>
          ))}
          {!data.data.length && <li className="px-3 py-2 text-sm text-ink-faint">Nobody found.</li>}
        </ul>
      )}
    </div>
  );
}
