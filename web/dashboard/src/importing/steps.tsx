import { Check } from 'lucide-react';

export type Step = 'file' | 'columns' | 'basis' | 'check';

const steps: { id: Step; label: string }[] = [
  { id: 'file', label: 'File' },
  { id: 'columns', label: 'Columns' },
  { id: 'basis', label: 'Why you may' },
  { id: 'check', label: 'Check and start' },
];

/** Where one is on the way from a file to people. */
export function Steps({ now, onGo }: { now: Step; onGo?: (step: Step) => void }) {
  const at = steps.findIndex((s) => s.id === now);
  return (
    <ol aria-label="Steps" className="my-5 flex flex-wrap gap-x-5 gap-y-2 text-sm">
      {steps.map((s, i) => (
        <li key={s.id} className="flex items-center gap-2">
          <button
            type="button"
            disabled={!onGo || s.id === 'file'}
            aria-current={s.id === now ? 'step' : undefined}
            onClick={() => onGo?.(s.id)}
            className="flex items-center gap-2 rounded-sm text-ink-faint enabled:hover:text-ink aria-[current]:font-semibold aria-[current]:text-ink"
          >
            <span
              className={`flex size-6 items-center justify-center rounded-full border text-xs tabular-nums ${i === at ? 'border-accent bg-accent text-on-accent' : 'border-line-strong'}`}
            >
              {i < at ? <Check size={13} aria-hidden="true" /> : i + 1}
            </span>
            <span className={s.id === now ? '' : 'max-md:sr-only'}>{s.label}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
