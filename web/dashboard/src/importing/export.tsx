import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { client } from '../api/client';
import { api } from '../api/endpoints';
import { keys } from '../api/keys';
import { Problem, problemText } from '../api/problem';
import type { components } from '../api/schema.gen';
import { FormProblem } from '../auth/frame';
import type { Target } from '../contacts/bulk';
import { usePurposes } from '../contacts/consents';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { Tick } from './reading';

type Export = components['schemas']['Export'];

const own: [string, string][] = [
  ['email', 'E-mail address'],
  ['name', 'Full name'],
  ['first_name', 'First name'],
  ['last_name', 'Last name'],
  ['phone', 'Phone number'],
  ['company', 'Company'],
  ['tags', 'Tags'],
  ['external_id', 'External id'],
  ['locale', 'Language'],
  ['timezone', 'Time zone'],
  ['verified', 'Verified'],
  ['created_at', 'Added'],
  ['id', 'Id here'],
];
const usual = ['email', 'name', 'company', 'tags'];

/** A reason as the audit log takes it: lower-case words joined by _, in which no name or address is read. */
export function reasonKey(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, 64)
    .replace(/_+$/, '');
}

interface Props {
  /** Whom it is of; empty: everybody. */
  target: Pick<Target, 'contact_ids' | 'filter' | 'segment_id'>;
  /** Whom it is of, in words. */
  whom: string;
  onClose: () => void;
}

/** Takes people out as a file, which says of itself who took it out and why. */
export function ExportDialog({ target, whom, onClose }: Props) {
  const [format, setFormat] = useState<Export['format']>('csv');
  const [columns, setColumns] = useState<readonly string[]>(usual);
  const [purpose, setPurpose] = useState('');
  const [why, setWhy] = useState('');
  const purposes = usePurposes();
  const attributes = useQuery({ queryKey: keys.attributes, queryFn: ({ signal }) => api.attributes(signal) });
  const all = [
    ...own,
    ...(attributes.data?.data ?? []).map((a): [string, string] => [`attributes.${a.key}`, a.label || a.key]),
    ...(attributes.data?.undeclared ?? []).map((key): [string, string] => [`attributes.${key}`, key]),
  ];
  const take = useMutation({
    mutationFn: () =>
      download({
        ...target,
        format,
        reason: reasonKey(why),
        columns: all.map(([id]) => id).filter((id) => columns.includes(id)),
        ...(purpose && { purpose }),
      }),
    onSuccess: (name) => {
      toast(`${name} is saved. The export is in the audit log.`);
      onClose();
    },
  });
  const problem = take.error instanceof Problem ? take.error : null;
  const isMeant = reasonKey(why) !== '' && columns.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isMeant && !take.isPending) take.mutate();
  };
  const chosen = purposes.find((p) => p.key === purpose);
  return (
    <Dialog
      title={`Export ${whom}`}
      isOpen
      width="md"
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" form="export" look="primary" isDisabled={!isMeant} busy={take.isPending}>
            {take.isPending ? 'Being written…' : 'Export'}
          </Button>
        </>
      }
    >
      <form id="export" onSubmit={submit} noValidate className="mt-2 grid gap-4">
        {take.error && !problem?.fields.length && <FormProblem text={problemText(take.error)} />}
        <TextField
          label="What it is for"
          hint="In a few words, such as “october newsletter”. No names: it stands in the file and in the audit log."
          autoFocus
          autoComplete="off"
          maxLength={64}
          value={why}
          onChange={(e) => setWhy(e.target.value)}
          problem={problem?.field('reason')}
        />
        <div className="grid gap-4 md:grid-cols-2">
          <SelectField
            label="Purpose"
            hint={purposeHint(chosen?.lawful_basis)}
            value={purpose}
            onChange={(e) => setPurpose(e.target.value)}
            problem={problem?.field('purpose')}
          >
            <option value="">None: only a list</option>
            {purposes.map((p) => (
              <option key={p.key} value={p.key}>
                {p.name}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Format"
            hint={format === 'csv' ? 'For spreadsheets, and to import again.' : 'For programs.'}
            value={format}
            onChange={(e) => setFormat(e.target.value as Export['format'])}
          >
            <option value="csv">CSV</option>
            <option value="json">JSON</option>
          </SelectField>
        </div>
        <Columns all={all} chosen={columns} onChange={setColumns} problem={problem?.field('columns')} />
        <p className="rounded-md border border-line bg-sunken px-4 py-3 text-sm text-ink-soft">
          The file says of itself that you took it out, when, why and who is in it. Everybody in it is logged
          as read by you. Nobody who is restricted or in the bin is in it.
        </p>
      </form>
    </Dialog>
  );
}

function purposeHint(basis: string | undefined): string {
  if (!basis) return 'Do not write to people on the strength of such a list.';
  return basis === 'consent'
    ? 'Only people who agreed to it and did not take that back.'
    : 'Nobody who objected to it.';
}

interface ColumnsProps {
  all: [string, string][];
  chosen: readonly string[];
  problem: string | undefined;
  onChange: (ids: readonly string[]) => void;
}

function Columns({ all, chosen, problem, onChange }: ColumnsProps) {
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Columns: as few as will do</legend>
      <div className="grid max-h-44 gap-x-4 gap-y-2 overflow-y-auto rounded-md border border-line p-3 text-sm md:grid-cols-2">
        {all.map(([id, label]) => (
          <Tick
            key={id}
            label={label}
            isOn={chosen.includes(id)}
            onChange={(isOn) => onChange(isOn ? [...chosen, id] : chosen.filter((c) => c !== id))}
          />
        ))}
      </div>
      {problem && (
        <p role="alert" className="mt-1.5 text-sm text-loss-text">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

/** Asks for the file and has the browser save it; gives its name. */
async function download(what: Export): Promise<string> {
  const { data, response } = await client.POST('/api/v1/contacts/export', { body: what, parseAs: 'blob' });
  const said = response.headers.get('Content-Disposition') ?? '';
  const name = /filename="([^"]+)"/.exec(said)?.[1] ?? `contacts.${what.format}`;
  const href = URL.createObjectURL(data as Blob);
  Object.assign(document.createElement('a'), { href, download: name }).click();
  URL.revokeObjectURL(href);
  return name;
}
