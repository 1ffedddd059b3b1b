import { useNavigate } from '@tanstack/react-router';
import { ArrowLeftRight } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../api/problem';
import type { Contact } from '../api/types';
import { usePurposes } from '../contacts/consents';
import { displayName } from '../lib/names';
import { Skeleton } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import {
  type Choice,
  fieldLabel,
  type MergeField,
  type MergePreview,
  useMerge,
  useMergePreview,
  valueText,
} from './data';
import { FindPerson } from './find';
import { Person } from './person';

interface Props {
  survivor: Contact;
  /** Who is merged into them; without one, the other is looked for first. */
  other?: Contact;
  onClose: () => void;
}

/** Merges two people: who the other is, then field by field what the one person will say. */
export function MergeDialog({ survivor, other, onClose }: Props) {
  const [pair, setPair] = useState<{ stays: Contact; joins: Contact | undefined }>({
    stays: survivor,
    joins: other,
  });
  if (!pair.joins) {
    return (
      <Dialog title={`Merge ${displayName(survivor)} with…`} isOpen onClose={onClose} width="md">
        <FindPerson exceptId={survivor.id} onFound={(joins) => setPair({ stays: survivor, joins })} />
      </Dialog>
    );
  }
  const { stays, joins } = pair;
  return (
    <Compare
      key={stays.id}
      survivor={stays}
      other={joins}
      onSwap={() => setPair({ stays: joins, joins: stays })}
      onClose={onClose}
    />
  );
}

interface CompareProps {
  survivor: Contact;
  other: Contact;
  onSwap: () => void;
  onClose: () => void;
}

function Compare({ survivor, other, onSwap, onClose }: CompareProps) {
  const [choice, setChoice] = useState<Choice>({});
  const navigate = useNavigate();
  const preview = useMergePreview(survivor.id, other.id, choice);
  const merge = useMerge((merged) => {
    onClose();
    void navigate({ to: '/contacts/$contactId', params: { contactId: merged.id } });
  });
  const problem = merge.error ?? preview.error;
  return (
    <Dialog
      title="Merge two people into one"
      isOpen
      onClose={onClose}
      width="lg"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            look="primary"
            isDisabled={!preview.data || Boolean(preview.error)}
            busy={merge.isPending}
            onPress={() => merge.mutate({ survivorId: survivor.id, otherId: other.id, fields: choice })}
          >
            Merge
          </Button>
        </>
      }
    >
      <div className="mt-1 mb-4 grid gap-3 rounded-md border border-line bg-sunken px-4 py-3 md:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)]">
        <Side label="Stays" contact={survivor} />
        <Button
          size="sm"
          look="quiet"
          icon={<ArrowLeftRight size={14} aria-hidden="true" />}
          className="md:self-center"
          onPress={onSwap}
        >
          Swap
        </Button>
        <Side label="Joins them" contact={other} />
      </div>
      {problem && (
        <p role="alert" className="mb-4 text-sm text-loss-text">
          {problemText(problem)}
        </p>
      )}
      {preview.data ? (
        <Outcome
          preview={preview.data}
          choice={choice}
          onChoose={(field, side) => setChoice({ ...choice, [field]: side })}
        />
      ) : (
        !problem && <Skeleton className="h-40" />
      )}
      <p className="mt-4 text-xs text-ink-faint">
        Conversations, requests and the record of who looked stay as they are and are shown together. For 30
        days this can be undone.
      </p>
    </Dialog>
  );
}

function Side({ label, contact }: { label: string; contact: Contact }) {
  return (
    <div className="min-w-0">
      <p className="mb-1.5 text-xs font-medium text-ink-faint">{label}</p>
      <Person contact={contact} />
    </div>
  );
}

interface OutcomeProps {
  preview: MergePreview;
  /** What was chosen, which the preview may not say yet. */
  choice: Choice;
  onChoose: (field: string, side: 'survivor' | 'other') => void;
}

function Outcome({ preview, choice, onChoose }: OutcomeProps) {
  const purposes = usePurposes();
  const open = preview.fields.filter((f) => f.differs);
  const rest = preview.fields.filter((f) => !f.differs);
  return (
    <div className="space-y-5">
      {open.length > 0 && (
        <section>
          <h3 className="mb-1 text-sm font-semibold">Which one is right?</h3>
          <div className="divide-y divide-line">
            {open.map((f) => (
              <Choose
                key={f.field}
                field={f}
                from={choice[f.field] ?? f.from}
                onChoose={(side) => onChoose(f.field, side)}
              />
            ))}
          </div>
        </section>
      )}
      {rest.length > 0 && (
        <section>
          <h3 className="mb-1 text-sm font-semibold">
            {open.length > 0 ? 'Everything else' : 'What will stand there'}
          </h3>
          <dl className="divide-y divide-line text-sm">
            {rest.map((f) => (
              <div key={f.field} className="grid grid-cols-[7rem_minmax(0,1fr)_auto] gap-3 py-1.5">
                <dt className="truncate text-ink-faint first-letter:uppercase">{fieldLabel(f.field)}</dt>
                <dd className="truncate">{valueText(f.result)}</dd>
                <dd className="text-xs text-ink-faint">{f.from === 'other' ? 'added' : ''}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {preview.consents.length > 0 && (
        <section>
          <h3 className="mb-1 text-sm font-semibold">Consents: the stricter holds</h3>
          <dl className="divide-y divide-line text-sm">
            {preview.consents.map((c) => (
              <div key={c.purpose} className="flex justify-between gap-3 py-1.5">
                <dt className="truncate">{purposes.find((p) => p.key === c.purpose)?.name ?? c.purpose}</dt>
                <dd className="shrink-0 text-ink-soft">{stateText(c.result)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

function stateText(state: string): string {
  return { granted: 'Given', withdrawn: 'Withdrawn', refused: 'Refused' }[state] ?? 'Never asked';
}

function Choose({
  field: f,
  from,
  onChoose,
}: {
  field: MergeField;
  from: string;
  onChoose: (side: 'survivor' | 'other') => void;
}) {
  const sides = [
    { side: 'survivor', value: f.survivor },
    { side: 'other', value: f.other },
  ] as const;
  const label = fieldLabel(f.field);
  return (
    <fieldset className="grid gap-x-3 gap-y-1.5 py-2.5 md:grid-cols-[7rem_minmax(0,1fr)_minmax(0,1fr)] md:items-center">
      <legend className="sr-only">{label}</legend>
      <span aria-hidden="true" className="truncate text-sm text-ink-faint first-letter:uppercase">
        {label}
      </span>
      {sides.map(({ side, value }) => (
        <label
          key={side}
          className="flex min-w-0 cursor-pointer items-center gap-2 rounded-md border border-line px-2.5 py-1.5 text-sm has-checked:border-accent has-checked:bg-accent-soft"
        >
          <input
            type="radio"
            name={f.field}
            checked={from === side}
            onChange={() => onChoose(side)}
            className="accent-accent"
          />
          <span className="truncate" title={valueText(value)}>
            {valueText(value)}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
