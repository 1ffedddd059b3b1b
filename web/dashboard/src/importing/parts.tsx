import type { ReactNode } from 'react';
import type { Import, ImportTally } from './data';
import { count, stateWords } from './words';

const tones: Partial<Record<Import['state'], string>> = {
  ready: 'border-accent-line bg-accent-soft text-accent-text',
  failed: 'border-loss-line bg-loss-soft text-loss-text',
  done: 'border-line bg-sunken text-ink',
};

/** How an import stands, in a word. */
export function State({ state }: { state: Import['state'] }) {
  return (
    <span
      className={`inline-flex h-5 shrink-0 items-center rounded-sm border px-1.5 text-xs font-medium ${tones[state] ?? 'border-line bg-sunken text-ink-soft'}`}
    >
      {stateWords[state]}
    </span>
  );
}

/** A bar that fills from 0 to 1, and says how far it is. */
export function Bar({ label, value, className = '' }: { label: string; value: number; className?: string }) {
  const percent = Math.floor(value * 100);
  return (
    <span
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className={`block h-1.5 overflow-hidden rounded-full bg-sunken ${className}`}
    >
      <span
        className="block h-full rounded-full bg-accent transition-[width] duration-150 motion-reduce:transition-none"
        style={{ width: `${Math.max(percent, value > 0 ? 1 : 0)}%` }}
      />
    </span>
  );
}

interface FigureProps {
  value: number;
  label: string;
  hint?: string | undefined;
  tone?: string;
}

function Figure({ value, label, hint, tone = '' }: FigureProps) {
  return (
    <div className="min-w-0 bg-surface px-4 py-3">
      <dt className="text-sm text-ink-soft">{label}</dt>
      <dd className={`mt-0.5 text-lg font-semibold tabular-nums ${value === 0 ? 'text-ink-faint' : tone}`}>
        {count(value)}
      </dd>
      {hint && <dd className="mt-0.5 text-xs text-ink-faint">{hint}</dd>}
    </div>
  );
}

/** What an import did, or would do: each row is in one of the figures of the first line. */
export function Tally({ tally: t, isDry }: { tally: ImportTally; isDry?: boolean }) {
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-md border border-line bg-line md:grid-cols-4">
      <Figure value={t.created} label={isDry ? 'Would be new' : 'New people'} />
      <Figure
        value={t.updated}
        label={isDry ? 'Would be changed' : 'Changed'}
        hint={t.unchanged > 0 ? `${count(t.unchanged)} are so already` : undefined}
      />
      <Figure
        value={t.withheld}
        label="Left alone"
        hint={t.withheld > 0 ? 'restricted, objecting or in the bin' : undefined}
      />
      <Figure
        value={t.failed}
        label="With errors"
        hint={
          t.warned > 0
            ? t.warned === 1
              ? '1 other loses a cell'
              : `${count(t.warned)} others lose a cell`
            : undefined
        }
        tone="text-loss-text"
      />
    </dl>
  );
}

/** What else there is to it: companies and consents. */
export function AlsoMade({ tally: t, isDry }: { tally: ImportTally; isDry?: boolean }) {
  const lines = [
    t.companies > 0 &&
      `${count(t.companies)} ${t.companies === 1 ? 'company is' : 'companies are'} new${isDry ? ' and would be made' : ''}.`,
    t.consents > 0 &&
      `${count(t.consents)} ${t.consents === 1 ? 'decision' : 'decisions'} about purposes recorded.`,
  ].filter(Boolean);
  return lines.length > 0 ? <p className="mt-3 text-sm text-ink-soft">{lines.join(' ')}</p> : null;
}

/** Something to know before one goes on. */
export function Remark({ children, isLoss }: { children: ReactNode; isLoss?: boolean }) {
  return (
    <p
      role={isLoss ? 'alert' : undefined}
      className={`rounded-md border px-4 py-3 text-sm ${isLoss ? 'border-loss-line bg-loss-soft text-loss-text' : 'border-line bg-sunken text-ink-soft'}`}
    >
      {children}
    </p>
  );
}
