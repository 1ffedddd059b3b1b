import { type ReactNode, useId } from 'react';

interface SectionProps {
  id: string;
  title: string;
  intro?: ReactNode;
  children: ReactNode;
}

/** One subject of the settings. */
export function Section({ id, title, intro, children }: SectionProps) {
  return (
    <section aria-labelledby={`${id}-title`} className="border-t border-line py-7 first:border-0 first:pt-0">
      <h2 id={`${id}-title`} className="text-md font-semibold">
        {title}
      </h2>
      {intro && <p className="mt-0.5 text-sm text-ink-soft">{intro}</p>}
      <div className="mt-4 space-y-5">{children}</div>
    </section>
  );
}

interface TickProps {
  label: string;
  hint?: ReactNode;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  isDisabled?: boolean;
}

/** Yes or no, with what yes means. */
export function Tick({ label, hint, isOn, onChange, isDisabled }: TickProps) {
  const id = useId();
  return (
    <div className={`flex gap-3 ${isDisabled ? 'opacity-60' : ''}`}>
      <input
        id={id}
        type="checkbox"
        checked={isOn}
        disabled={isDisabled}
        onChange={(e) => onChange(e.target.checked)}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <div className="min-w-0">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className="text-sm text-ink-soft">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

interface OneOfProps<T extends string> {
  label: string;
  name: string;
  value: T;
  options: readonly { id: T; label: string; hint: ReactNode }[];
  onChange: (value: T) => void;
  isDisabled?: boolean;
}

/** One of a few, each with what it means. */
export function OneOf<T extends string>({
  label,
  name,
  value,
  options,
  onChange,
  isDisabled,
}: OneOfProps<T>) {
  return (
    <fieldset disabled={isDisabled}>
      <legend className="mb-1.5 text-sm font-medium">{label}</legend>
      <div className="divide-y divide-line rounded-md border border-line">
        {options.map((o) => (
          <label
            key={o.id}
            className="flex gap-3 px-3 py-2.5 transition-colors first:rounded-t-md last:rounded-b-md hover:bg-hover has-checked:bg-accent-soft"
          >
            <input
              type="radio"
              name={name}
              value={o.id}
              checked={o.id === value}
              onChange={() => onChange(o.id)}
              className="mt-1 shrink-0 accent-accent"
            />
            <span className="min-w-0">
              <span className="block font-medium">{o.label}</span>
              <span className="block text-sm text-ink-soft">{o.hint}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A sentence beside something, in the colour of how it stands. */
export function Note({ tone, children }: { tone: 'time' | 'loss' | 'plain'; children: ReactNode }) {
  const looks = {
    time: 'border-time-line bg-time-soft text-time-text',
    loss: 'border-loss-line bg-loss-soft text-loss-text',
    plain: 'border-line bg-sunken text-ink-soft',
  };
  return <div className={`rounded-md border px-3.5 py-2.5 text-sm ${looks[tone]}`}>{children}</div>;
}
