import { type ComponentProps, type ReactNode, useId } from 'react';

export const fieldBox =
  'w-full rounded-md border border-line-field bg-surface text-base text-ink transition-colors hover:border-ink-faint focus:border-accent focus:outline-2 focus:outline-offset-0 focus:outline-accent disabled:opacity-60 aria-invalid:border-loss';

interface Common {
  label: string;
  hint?: ReactNode;
  problem?: string | undefined;
  className?: string;
  hideLabel?: boolean;
}

/** Label above, hint and problem below. A problem is announced and never moves what stands beside it more than a line. */
function Frame({
  id,
  label,
  hint,
  problem,
  className = '',
  hideLabel,
  children,
}: Common & { id: string; children: ReactNode }) {
  return (
    <div className={className}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : 'mb-1.5 block text-sm font-medium text-ink'}>
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="mt-1.5 text-sm text-ink-faint">
          {hint}
        </p>
      )}
      <p
        id={`${id}-problem`}
        role={problem ? 'alert' : undefined}
        className={problem ? 'mt-1.5 text-sm text-loss-text' : 'hidden'}
      >
        {problem}
      </p>
    </div>
  );
}

const described = (id: string, hint: unknown, problem: unknown) =>
  [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined;

type TextProps = Common & Omit<ComponentProps<'input'>, 'id' | 'className'>;

export function TextField({ label, hint, problem, className, hideLabel, ...input }: TextProps) {
  const id = useId();
  return (
    <Frame {...{ id, label, hint, problem, className, hideLabel }}>
      <input
        {...input}
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={described(id, hint, problem)}
        className={`h-9 px-3 ${fieldBox}`}
      />
    </Frame>
  );
}

type AreaProps = Common & Omit<ComponentProps<'textarea'>, 'id' | 'className'>;

export function TextArea({ label, hint, problem, className, hideLabel, ...area }: AreaProps) {
  const id = useId();
  return (
    <Frame {...{ id, label, hint, problem, className, hideLabel }}>
      <textarea
        rows={3}
        {...area}
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={described(id, hint, problem)}
        className={`block resize-y px-3 py-2 ${fieldBox}`}
      />
    </Frame>
  );
}

type SelectProps = Common & Omit<ComponentProps<'select'>, 'id' | 'className'>;

/** The system's own list: it works on every phone and with every screen reader. */
export function SelectField({
  label,
  hint,
  problem,
  className,
  hideLabel,
  children,
  ...select
}: SelectProps) {
  const id = useId();
  return (
    <Frame {...{ id, label, hint, problem, className, hideLabel }}>
      <select
        {...select}
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={described(id, hint, problem)}
        className={`h-9 px-2.5 ${fieldBox}`}
      >
        {children}
      </select>
    </Frame>
  );
}
