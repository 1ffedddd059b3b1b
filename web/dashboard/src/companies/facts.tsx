import { useMutation } from '@tanstack/react-query';
import { ExternalLink, Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Answer } from '../api/client';
import { problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { Editable } from '../contacts/editable';
import { Card } from '../contacts/profile/block';
import { Button } from '../ui/button';
import { SelectField, TextField } from '../ui/field';
import { toastProblem } from '../ui/toast';
import { type Company, useSaveCompany } from './data';
import { fieldProblem, otherProblem, shown } from './words';

interface Props {
  answer: Answer<Company>;
}

/** What it is called and where it is on the web, edited in place. */
export function DetailsCard({ answer }: Props) {
  const mayWrite = useCan(may.writeContacts);
  const save = useSaveCompany(answer);
  const c = answer.data;
  return (
    <Card
      title="Details"
      end={
        c.website && (
          <a
            href={c.website}
            target="_blank"
            rel="noopener noreferrer"
            className="inline-flex items-center gap-1.5 text-xs text-ink-soft hover:text-ink"
          >
            Open the website
            <ExternalLink size={12} aria-label="(in a new tab)" />
          </a>
        )
      }
    >
      <Editable
        field="name"
        label="Name"
        value={c.name}
        isReadOnly={!mayWrite}
        onSave={(name) => save({ name })}
      />
      <Editable
        field="website"
        label="Website"
        type="url"
        value={c.website}
        isReadOnly={!mayWrite}
        onSave={(website) => save({ website })}
      />
    </Card>
  );
}

/** The domains of its people's addresses; each is one company's. */
export function DomainsCard({ answer }: Props) {
  const mayWrite = useCan(may.writeContacts);
  const save = useSaveCompany(answer);
  const { domains } = answer.data;
  const [text, setText] = useState('');
  const change = useMutation({ mutationFn: (next: string[]) => save({ domains: next }) });
  const add = (event: FormEvent) => {
    event.preventDefault();
    const domain = text.trim();
    if (domain && !change.isPending) change.mutate([...domains, domain], { onSuccess: () => setText('') });
  };
  const problem = change.error
    ? (fieldProblem(change.error, 'domains') ?? problemText(change.error))
    : undefined;
  return (
    <Card title="Domains">
      <ul aria-label="Domains" className="flex flex-wrap gap-1.5">
        {domains.map((domain) => (
          <li
            key={domain}
            className="inline-flex h-6 max-w-full items-center gap-1 rounded-full bg-sunken pr-1 pl-2.5 text-xs"
          >
            <span className="truncate">{domain}</span>
            {mayWrite ? (
              <button
                type="button"
                aria-label={`Remove the domain ${domain}`}
                disabled={change.isPending}
                onClick={() => change.mutate(domains.filter((d) => d !== domain))}
                className="flex size-5 items-center justify-center rounded-full text-ink-faint hover:bg-hover hover:text-ink"
              >
                <X size={12} aria-hidden="true" />
              </button>
            ) : (
              <span className="w-1.5" />
            )}
          </li>
        ))}
        {domains.length === 0 && <li className="text-sm text-ink-faint">None is known</li>}
      </ul>
      {mayWrite && (
        <form onSubmit={add} noValidate className="mt-3 flex items-start gap-2">
          <TextField
            label="Add a domain"
            hideLabel
            placeholder="Add a domain, such as example.com"
            value={text}
            onChange={(e) => setText(e.target.value)}
            problem={problem}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            className="min-w-0 flex-1"
          />
          {text.trim() && (
            <Button type="submit" look="primary" busy={change.isPending} className="h-9!">
              Add
            </Button>
          )}
        </form>
      )}
    </Card>
  );
}

/** What else is known of it, by words of the workspace's own. */
export function AttributesCard({ answer }: Props) {
  const mayWrite = useCan(may.writeContacts);
  const save = useSaveCompany(answer);
  const [isAdding, setAdding] = useState(false);
  const all = Object.entries(answer.data.attributes).sort(([a], [b]) => a.localeCompare(b));
  if (!all.length && !mayWrite) return null;
  return (
    <Card
      title="Attributes"
      end={
        mayWrite &&
        !isAdding && (
          <Button
            size="sm"
            look="quiet"
            icon={<Plus size={14} aria-hidden="true" />}
            onPress={() => setAdding(true)}
          >
            Add
          </Button>
        )
      }
    >
      {all.map(([name, value]) => (
        <Attribute
          key={name}
          name={name}
          value={value}
          isReadOnly={!mayWrite}
          onSave={(next) => save({ attributes: { [name]: next } })}
        />
      ))}
      {!all.length && !isAdding && <p className="text-sm text-ink-faint">None yet</p>}
      {isAdding && (
        <NewAttribute
          onClose={() => setAdding(false)}
          onSave={(name, value) => save({ attributes: { [name]: value } })}
        />
      )}
    </Card>
  );
}

interface AttributeProps {
  name: string;
  value: unknown;
  isReadOnly: boolean;
  onSave: (value: unknown) => Promise<void>;
}

function Attribute({ name, value, isReadOnly, onSave }: AttributeProps) {
  const label = name.replaceAll('_', ' ');
  if (typeof value === 'boolean') {
    return (
      <label className="flex min-h-9 items-center gap-x-4 border-b border-line py-0.5 last:border-0">
        <span className="w-24 shrink-0 text-sm text-ink-faint wrap-anywhere first-letter:uppercase">
          {label}
        </span>
        <select
          value={String(value)}
          disabled={isReadOnly}
          onChange={(e) =>
            void onSave(e.target.value === '' ? null : e.target.value === 'true').catch(toastProblem)
          }
          className="-mx-2 h-8 flex-1 rounded-sm bg-transparent px-1.5 hover:bg-hover"
        >
          <option value="">–</option>
          <option value="true">Yes</option>
          <option value="false">No</option>
        </select>
      </label>
    );
  }
  const isNumber = typeof value === 'number';
  return (
    <Editable
      field="attributes"
      label={label}
      type={isNumber ? 'number' : 'text'}
      value={shown(value)}
      isReadOnly={isReadOnly}
      onSave={(text) => onSave(text === '' ? null : isNumber ? Number(text) : text)}
    />
  );
}

type Kind = 'text' | 'number' | 'boolean';

function NewAttribute({
  onSave,
  onClose,
}: {
  onSave: (name: string, value: unknown) => Promise<void>;
  onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('text');
  const [text, setText] = useState('');
  const value = kind === 'boolean' ? text !== 'false' : kind === 'number' ? Number(text) : text.trim();
  const isWrong = kind === 'number' && text.trim() !== '' && !Number.isFinite(Number(text));
  const isMeant = name.trim() !== '' && !isWrong && (kind === 'boolean' || text.trim() !== '');
  const add = useMutation({ mutationFn: () => onSave(name.trim(), value), onSuccess: onClose });
  return (
    <form
      noValidate
      className="mt-2 grid gap-3 rounded-md bg-sunken p-3"
      onSubmit={(e) => {
        e.preventDefault();
        if (isMeant && !add.isPending) add.mutate();
      }}
    >
      <div className="grid grid-cols-[minmax(0,1fr)_7rem] gap-3">
        <TextField
          label="Name"
          autoFocus
          autoComplete="off"
          value={name}
          onChange={(e) => setName(e.target.value)}
        />
        <SelectField label="Kind" value={kind} onChange={(e) => setKind(e.target.value as Kind)}>
          <option value="text">Text</option>
          <option value="number">Number</option>
          <option value="boolean">Yes or no</option>
        </SelectField>
      </div>
      {kind === 'boolean' ? (
        <SelectField label="Value" value={text} onChange={(e) => setText(e.target.value)}>
          <option value="true">Yes</option>
          <option value="false">No</option>
        </SelectField>
      ) : (
        <TextField
          label="Value"
          autoComplete="off"
          inputMode={kind === 'number' ? 'decimal' : undefined}
          value={text}
          onChange={(e) => setText(e.target.value)}
          problem={
            isWrong
              ? 'A number is needed.'
              : (fieldProblem(add.error, 'attributes') ?? otherProblem(add.error, 'attributes'))
          }
        />
      )}
      <div className="flex justify-end gap-2">
        <Button look="quiet" onPress={onClose}>
          Cancel
        </Button>
        <Button type="submit" look="primary" isDisabled={!isMeant} busy={add.isPending}>
          Add
        </Button>
      </div>
    </form>
  );
}
