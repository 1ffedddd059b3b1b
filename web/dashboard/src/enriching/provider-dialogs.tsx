import { type FormEvent, useState } from 'react';
import { Problem, problemText } from '../api/problem';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import {
  type Definition,
  enrichment,
  type NewProvider,
  type Provider,
  useChange,
  usePresets,
  useProviders,
} from './data';
import { DefinitionFields, type Draft, definitionOf, draftOf } from './definition';
import { fixed } from './words';

const own = 'own';

interface Props {
  provider?: Provider;
  onClose: () => void;
}

/** Adds a provider, ready made or one's own, or changes one. */
export function ProviderDialog({ provider, onClose }: Props) {
  const presets = usePresets().data ?? [];
  const taken = useProviders().data?.map((p) => p.kind) ?? [];
  const kinds = fixed.filter((f) => !taken.includes(f.kind));
  const [choice, setChoice] = useState<string>(provider ? own : (kinds[0]?.kind ?? own));
  const [name, setName] = useState(provider?.name ?? '');
  const [secret, setSecret] = useState('');
  const [perDay, setPerDay] = useState(String(provider?.per_day ?? 500));
  const [draft, setDraft] = useState<Draft>(() => draftOf(provider?.definition ?? null));
  const preset = presets.find((p) => p.key === choice);
  const isHTTP = provider ? provider.kind === 'http' : choice === own || preset !== undefined;
  const hasDefinition = provider ? provider.kind === 'http' : choice === own;
  const save = useChange(
    () => {
      const definition = hasDefinition ? definitionOf(draft) : undefined;
      const common = { per_day: Number(perDay) || 500, ...(secret && { secret }) };
      if (provider) {
        return enrichment.changeProvider(provider.id, {
          name: name.trim(),
          ...common,
          ...(definition && { definition }),
        });
      }
      return enrichment.add({
        ...common,
        ...(choice === own && { name: name.trim() }),
        ...what(choice, definition),
      });
    },
    () => {
      toast(provider ? 'Saved.' : 'Added. It is off until you switch it on.');
      onClose();
    },
  );
  const problem = save.error instanceof Problem ? save.error : null;
  const of = (field: string) => problem?.field(field);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  const about = preset?.about ?? fixed.find((f) => f.kind === choice)?.about;
  return (
    <Dialog
      title={provider ? `Edit ${provider.name}` : 'Add a provider'}
      isOpen
      width="lg"
      isAlert={hasDefinition}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="provider" busy={save.isPending}>
            {provider ? 'Save' : 'Add'}
          </Button>
        </>
      }
    >
      <form id="provider" onSubmit={submit} className="mt-3 space-y-4">
        {save.error && !problem?.fields.length && (
          <p role="alert" className="text-sm text-loss-text">
            {problemText(save.error)}
          </p>
        )}
        {!provider && (
          <SelectField
            label="Who is asked"
            hint={about}
            value={choice}
            onChange={(e) => setChoice(e.target.value)}
          >
            <optgroup label="Without an account there">
              {kinds.map((f) => (
                <option key={f.kind} value={f.kind}>
                  {f.name}
                </option>
              ))}
            </optgroup>
            <optgroup label="With an account there">
              {presets.map((p) => (
                <option key={p.key} value={p.key}>
                  {p.name}
                </option>
              ))}
            </optgroup>
            <option value={own}>Another API, by your own definition</option>
          </SelectField>
        )}
        {(provider || choice === own) && (
          <TextField
            label="Name"
            maxLength={60}
            value={name}
            onChange={(e) => setName(e.target.value)}
            problem={of('name')}
          />
        )}
        {hasDefinition && <DefinitionFields draft={draft} setDraft={setDraft} of={of} />}
        {isHTTP && (
          <TextField
            label="Secret"
            type="password"
            autoComplete="off"
            maxLength={500}
            value={secret}
            onChange={(e) => setSecret(e.target.value)}
            hint={secretHint(provider, preset?.key_from)}
            problem={of('secret')}
          />
        )}
        <TextField
          className="max-w-48"
          label="At most a day"
          inputMode="numeric"
          value={perDay}
          onChange={(e) => setPerDay(e.target.value.replace(/\D/g, ''))}
          problem={of('per_day')}
        />
      </form>
    </Dialog>
  );
}

function secretHint(provider: Provider | undefined, keyFrom: string | undefined): string {
  if (provider?.has_secret) return 'There is one. It is never shown; leave this empty to keep it.';
  const where = keyFrom ? `Had from ${keyFrom}. ` : 'Put where a header says {secret}. ';
  return `${where}It is sealed, and never shown again.`;
}

function what(choice: string, definition: Definition | undefined): NewProvider {
  if (definition) return { kind: 'http', definition };
  const kind = fixed.find((f) => f.kind === choice)?.kind;
  return kind ? { kind } : { preset: choice };
}

/** Removes a provider, with all that it found. */
export function RemoveProviderDialog({ provider: p, onClose }: { provider: Provider; onClose: () => void }) {
  const remove = useChange(
    () => enrichment.remove(p.id),
    () => {
      toast(`${p.name} was removed. What it found is being erased.`);
      onClose();
    },
  );
  return (
    <Dialog
      title={`Remove ${p.name}?`}
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
      {remove.error && (
        <p role="alert" className="mb-3 text-sm text-loss-text">
          {problemText(remove.error)}
        </p>
      )}
      <p className="text-ink-soft">
        What it found is taken out of people's profiles. Who was asked about whom stays on record, for the
        person to ask. To only pause it, switch it off.
      </p>
    </Dialog>
  );
}
