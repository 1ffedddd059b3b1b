import { X } from 'lucide-react';
import { problemText } from '../api/problem';
import { Store, useStore } from '../lib/store';

interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'problem';
  action?: { label: string; run: () => void };
}

const toasts = new Store<Toast[]>([]);
let nextId = 1;

/** Says something short at the foot of the screen. One with an action (Undo) stays longer. */
export function toast(text: string, options: { tone?: Toast['tone']; action?: Toast['action'] } = {}): void {
  const id = nextId++;
  toasts.set((all) => [
    ...all.slice(-2),
    { id, text, tone: options.tone ?? 'plain', action: options.action },
  ]);
  setTimeout(() => dismiss(id), options.action || options.tone === 'problem' ? 9000 : 4000);
}

/** Says what went wrong. */
export function toastProblem(error: unknown): void {
  toast(problemText(error), { tone: 'problem' });
}

function dismiss(id: number): void {
  toasts.set((all) => all.filter((t) => t.id !== id));
}

/** The place where toasts appear; mounted once. */
export function Toasts() {
  const all = useStore(toasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed z-50 flex flex-col items-start gap-2 p-4 max-md:inset-x-0 max-md:top-14 max-md:items-center md:bottom-2 md:left-14 lg:left-56"
    >
      {all.map((t) => (
        <div
          key={t.id}
          className="rise pointer-events-auto flex max-w-md items-center gap-3 rounded-md bg-ink py-2 pr-2 pl-4 text-sm text-paper shadow-float"
        >
          {t.tone === 'problem' && (
            <span className="size-2 shrink-0 rounded-full bg-loss" aria-hidden="true" />
          )}
          <span>{t.text}</span>
          {t.action && (
            <button
              type="button"
              className="rounded-sm px-2 py-1 font-semibold underline underline-offset-2"
              onClick={() => {
                dismiss(t.id);
                t.action?.run();
              }}
            >
              {t.action.label}
            </button>
          )}
          <button
            type="button"
            aria-label="Dismiss"
            className="rounded-sm p-1 opacity-70 hover:opacity-100"
            onClick={() => dismiss(t.id)}
          >
            <X size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
