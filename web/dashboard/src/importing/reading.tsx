import { useState } from 'react';
import { problemText } from '../api/problem';
import { Button } from '../ui/button';
import { SelectField } from '../ui/field';
import { type ImportChange, type ImportPreview, useChange } from './data';
import { dateOrders, encodings, separators } from './words';

const word = (all: [string, string][], id: string) => all.find(([one]) => one === id)?.[1] ?? id;

/** How the file is read: what was found out, and how to say otherwise. */
export function Reading({ one }: { one: ImportPreview }) {
  const [isOpen, setOpen] = useState(false);
  const change = useChange(one.id);
  const s = one.settings;
  const set = (patch: ImportChange) => change.mutate(patch);
  return (
    <section aria-label="How the file is read" className="rounded-md border border-line bg-surface px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <span className="text-ink-soft">
          Read as <strong className="font-medium text-ink">{word(encodings, s.encoding)}</strong>, cells apart
          by <strong className="font-medium text-ink">{word(separators, s.separator).toLowerCase()}</strong>,{' '}
          {s.header ? 'the first row names the columns' : 'without a heading'}.
        </span>
        <span className="ml-auto" />
        <Button size="sm" look="quiet" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
          {isOpen ? 'That is right' : 'Change'}
        </Button>
      </div>
      {isOpen && (
        <div className="mt-3 grid gap-4 border-t border-line pt-4 md:grid-cols-3">
          <SelectField
            label="Encoding"
            hint="Wrong letters below? Try another."
            value={s.encoding}
            onChange={(e) => set({ encoding: e.target.value as typeof s.encoding })}
          >
            {encodings.map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Cells are apart by"
            value={s.separator}
            onChange={(e) => set({ separator: e.target.value })}
          >
            {separators.map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </SelectField>
          <SelectField
            label="Days are written"
            value={s.dates}
            onChange={(e) => set({ dates: e.target.value as typeof s.dates })}
          >
            {dateOrders.map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </SelectField>
          <div className="flex flex-wrap gap-x-6 gap-y-2 text-sm md:col-span-3">
            <Tick
              label="The first row names the columns"
              isOn={s.header}
              onChange={(header) => set({ header })}
            />
            <Tick label="Cells may stand in quotes" isOn={s.quotes} onChange={(quotes) => set({ quotes })} />
          </div>
        </div>
      )}
      {change.error && (
        <p role="alert" className="mt-2 text-sm text-loss-text">
          {problemText(change.error)}
        </p>
      )}
    </section>
  );
}

export function Tick({
  label,
  isOn,
  onChange,
}: {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}) {
  return (
    <label className="inline-flex items-start gap-2">
      <input
        type="checkbox"
        checked={isOn}
        onChange={(e) => onChange(e.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      {label}
    </label>
  );
}
