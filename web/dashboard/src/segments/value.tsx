import { useId } from 'react';
import type { SegmentField } from '../api/types';
import { fieldBox } from '../ui/field';
import { type Condition, inputOf } from './tree';

interface ValueProps {
  condition: Condition;
  field: SegmentField | undefined;
  onChange: (c: Condition) => void;
}

const box = `h-9 px-2.5 ${fieldBox} text-sm!`;

/** The input that fits a field's kind and the way it is compared. */
export function ValueInput({ condition: c, field, onChange }: ValueProps) {
  const set = (value: string) => onChange({ ...c, value });
  const input = inputOf(field, c.op);
  switch (input) {
    case 'none':
      return null;
    case 'count':
      return <CountInput condition={c} onChange={onChange} />;
    case 'days':
      return (
        <Unit text="days">
          <Whole label="Days" value={c.value} onChange={set} />
        </Unit>
      );
    case 'boolean':
      return (
        <Choose
          value={c.value}
          onChange={set}
          options={[
            { value: 'true', label: 'yes' },
            { value: 'false', label: 'no' },
          ]}
        />
      );
    case 'choice':
      return <Choose value={c.value} onChange={set} options={field?.options ?? []} />;
    case 'date':
      return (
        <input
          type="date"
          aria-label="Day"
          value={c.value.slice(0, 10)}
          min="1900-01-01"
          max="2199-12-31"
          onChange={(e) => set(e.target.value)}
          className={`${box} w-auto!`}
        />
      );
    case 'number':
      return (
        <input
          type="text"
          inputMode="decimal"
          aria-label="Number"
          aria-invalid={(c.value.trim() !== '' && !Number.isFinite(Number(c.value))) || undefined}
          value={c.value}
          onChange={(e) => set(e.target.value)}
          className={`${box} w-28! tabular-nums`}
        />
      );
    default:
      return <TextInput value={c.value} field={field} onChange={set} />;
  }
}

function TextInput({
  value,
  field,
  onChange,
}: {
  value: string;
  field: SegmentField | undefined;
  onChange: (v: string) => void;
}) {
  const list = useId();
  const likely = field?.options ?? [];
  return (
    <>
      <input
        type="text"
        aria-label={`Value of ${field?.label ?? 'the field'}`}
        value={value}
        maxLength={400}
        autoComplete="off"
        list={likely.length ? list : undefined}
        onChange={(e) => onChange(e.target.value)}
        className={`${box} min-w-0 flex-1 basis-36`}
      />
      {likely.length > 0 && (
        <datalist id={list}>
          {likely.map((o) => (
            <option key={o.value} value={o.value}>
              {o.label}
            </option>
          ))}
        </datalist>
      )}
    </>
  );
}

interface ChooseProps {
  value: string;
  options: { value: string; label: string }[];
  onChange: (v: string) => void;
}

function Choose({ value, options, onChange }: ChooseProps) {
  return (
    <select
      aria-label="Value"
      value={value}
      onChange={(e) => onChange(e.target.value)}
      className={`${box} w-auto!`}
    >
      <option value="" disabled>
        Choose…
      </option>
      {options.map((o) => (
        <option key={o.value} value={o.value}>
          {o.label}
        </option>
      ))}
    </select>
  );
}

function Whole({ label, value, onChange }: { label: string; value: string; onChange: (v: string) => void }) {
  return (
    <input
      type="text"
      inputMode="numeric"
      aria-label={label}
      aria-invalid={(value !== '' && !/^\d+$/.test(value.trim())) || undefined}
      value={value}
      maxLength={7}
      onChange={(e) => onChange(e.target.value)}
      className={`${box} w-16! tabular-nums`}
    />
  );
}

function Unit({ text, children }: { text: string; children: React.ReactNode }) {
  return (
    <span className="inline-flex h-9 items-center gap-2 text-sm text-ink-soft">
      {children}
      {text}
    </span>
  );
}

/** How often something happened, and within which time. */
function CountInput({ condition: c, onChange }: { condition: Condition; onChange: (c: Condition) => void }) {
  return (
    <>
      {c.op !== 'never' && (
        <Unit text="times,">
          <Whole label="Times" value={c.value} onChange={(value) => onChange({ ...c, value })} />
        </Unit>
      )}
      <span className="inline-flex h-9 items-center gap-2 text-sm text-ink-soft">
        in the last
        <Whole label="Days, empty for ever" value={c.days} onChange={(days) => onChange({ ...c, days })} />
        days{c.days === '' && ' (or ever)'}
      </span>
    </>
  );
}
