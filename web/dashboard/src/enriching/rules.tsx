import { useState } from 'react';
import { problemText } from '../api/problem';
import { usePurposes } from '../contacts/consents';
import { Button } from '../ui/button';
import { SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { enrichment, type Overview, type OverviewChange, useChange } from './data';

interface Props {
  overview: Overview;
  mayWrite: boolean;
}

/** Whether people are looked up, what for, by themselves or when asked, and for how long it is kept. */
export function Rules({ overview: o, mayWrite }: Props) {
  const purposes = usePurposes();
  const change = useChange(
    (c: OverviewChange) => enrichment.change(c),
    () => toast('Saved.'),
  );
  const set = (c: OverviewChange) => change.mutate(c);
  const canSwitchOn = o.enabled || (o.assessed && o.purpose !== '');
  return (
    <section
      aria-label="How people are looked up"
      className="divide-y divide-line rounded-md border border-line"
    >
      <Choice
        label="Look people up"
        hint={
          canSwitchOn
            ? 'Those who objected, are restricted, in the bin or children are left alone.'
            : o.assessed
              ? 'Choose a purpose first.'
              : 'It needs an approved impact assessment first.'
        }
        isOn={o.enabled}
        isDisabled={!mayWrite || change.isPending || !canSwitchOn}
        onChange={(enabled) => set({ enabled })}
      />
      <Choice
        label="Automatically"
        hint="Everybody with a newly verified address, without somebody asking for it."
        isOn={o.automatic}
        isDisabled={!mayWrite || change.isPending}
        onChange={(automatic) => set({ automatic })}
      />
      <div className="grid gap-x-6 gap-y-4 px-4 py-4 sm:grid-cols-2">
        <SelectField
          label="Purpose"
          hint="Whoever objects to it is forgotten at once."
          disabled={!mayWrite || change.isPending}
          value={o.purpose}
          onChange={(e) => set({ purpose: e.target.value })}
        >
          {!o.purpose && <option value="">Choose one</option>}
          {purposes.map((p) => (
            <option key={p.key} value={p.key}>
              {p.name}
            </option>
          ))}
        </SelectField>
        <Keep
          key={o.keep_days ?? 0}
          days={o.keep_days}
          isDisabled={!mayWrite || change.isPending}
          onSave={(keep_days) => set({ keep_days })}
        />
      </div>
      {change.error && (
        <p role="alert" className="px-4 py-3 text-sm text-loss-text">
          {problemText(change.error)}
        </p>
      )}
    </section>
  );
}

interface KeepProps {
  days: number | null;
  isDisabled: boolean;
  onSave: (days: number) => void;
}

/** Until some days are over, or until somebody erases it. */
function Keep({ days, isDisabled, onSave }: KeepProps) {
  const [isTimed, setTimed] = useState(days !== null);
  const [text, setText] = useState(String(days ?? 90));
  const wanted = Number(text);
  const isFine = Number.isInteger(wanted) && wanted >= 1 && wanted <= 3650;
  return (
    <div>
      <SelectField
        label="Keep what was found"
        disabled={isDisabled}
        value={isTimed ? 'days' : 'hand'}
        onChange={(e) => {
          setTimed(e.target.value === 'days');
          if (e.target.value === 'hand' && days !== null) onSave(0);
        }}
      >
        <option value="hand">Until it is erased by hand</option>
        <option value="days">For some days</option>
      </SelectField>
      {isTimed && (
        <form
          className="mt-2 flex items-start gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            if (isFine && wanted !== days) onSave(wanted);
          }}
        >
          <TextField
            className="w-32"
            label="Days"
            hideLabel
            inputMode="numeric"
            disabled={isDisabled}
            value={text}
            onChange={(e) => setText(e.target.value)}
            problem={isFine ? undefined : '1 to 3650'}
          />
          <span className="pt-2 text-sm text-ink-faint">days</span>
          <Button type="submit" className="mt-0.5" isDisabled={isDisabled || !isFine || wanted === days}>
            Save
          </Button>
        </form>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  hint: string;
  isOn: boolean;
  isDisabled: boolean;
  onChange: (isOn: boolean) => void;
}

function Choice({ label, hint, isOn, isDisabled, onChange }: ChoiceProps) {
  return (
    <label className="flex cursor-pointer items-start justify-between gap-4 px-4 py-3.5 has-disabled:cursor-default">
      <span>
        <span className="block font-medium">{label}</span>
        <span className="block text-sm text-ink-faint">{hint}</span>
      </span>
      <input
        type="checkbox"
        className="mt-1 size-4.5 shrink-0 accent-accent"
        aria-label={label}
        checked={isOn}
        disabled={isDisabled}
        onChange={(e) => onChange(e.target.checked)}
      />
    </label>
  );
}
