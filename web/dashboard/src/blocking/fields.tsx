import { SelectField } from '../ui/field';
import { type Reason, reasons, spans } from './words';

interface Props {
  reason: Reason;
  days: string;
  onReason: (reason: Reason) => void;
  onDays: (days: string) => void;
  /** A network is let in again by itself. */
  isNetwork?: boolean;
}

/** Why, and for how long. */
export function ReasonAndEnd({ reason, days, onReason, onDays, isNetwork }: Props) {
  const offered = spans.filter((s) => !isNetwork || (s.id !== '' && s.id !== '365'));
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField label="Reason" value={reason} onChange={(e) => onReason(e.target.value as Reason)}>
        {Object.entries(reasons).map(([id, label]) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </SelectField>
      <SelectField label="How long" value={days} onChange={(e) => onDays(e.target.value)}>
        {offered.map((s) => (
          <option key={s.id} value={s.id}>
            {s.label}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

/** A box with what it means beside it. */
export function Choice({
  label,
  hint,
  isOn,
  onChange,
}: {
  label: string;
  hint: string;
  isOn: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label className="flex items-start gap-2.5 text-sm">
      <input
        type="checkbox"
        checked={isOn}
        onChange={(e) => onChange(e.target.checked)}
        className="mt-0.5 size-4 accent-accent"
      />
      <span>
        <span className="block font-medium">{label}</span>
        <span className="block text-ink-faint">{hint}</span>
      </span>
    </label>
  );
}
