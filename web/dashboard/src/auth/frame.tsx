import { LockKeyhole } from 'lucide-react';
import type { ReactNode } from 'react';

/** The sheet of paper that sign-in and set-up are written on. */
export function AuthFrame({
  title,
  intro,
  children,
}: {
  title: string;
  intro: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto px-4 py-10 md:justify-center">
      <div className="w-full max-w-sm">
        <div className="mb-8 flex items-center gap-2.5">
          <Mark />
          <span className="text-md font-semibold tracking-tight">Botimum</span>
        </div>
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        <div className="mt-2 mb-7 text-ink-soft">{intro}</div>
        {children}
        <p className="mt-8 flex items-start gap-2 border-t border-line pt-5 text-sm text-ink-faint">
          <LockKeyhole size={14} className="mt-0.5 shrink-0" aria-hidden="true" />
          Everything your visitors tell you is sealed with a key of their own, on this server. Nothing on this
          page loads from anywhere else.
        </p>
      </div>
    </main>
  );
}

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path
        d="M8 10.5A2.5 2.5 0 0 1 10.5 8h11a2.5 2.5 0 0 1 2.500 2.500v7a2.500 2.500 0 0 1-2.500 2.500H15l-4.500 4v-4A2.500 2.500 0 0 1 8 17.500z"
        className="fill-on-accent"
      />
      <circle cx="16" cy="14" r="2.600" className="fill-accent" />
    </svg>
  );
}

export function FormProblem({ text }: { text: string | null }) {
  if (!text) return null;
  return (
    <p
      role="alert"
      className="mb-5 rounded-md border border-loss-line bg-loss-soft px-3.5 py-2.5 text-sm text-loss-text"
    >
      {text}
    </p>
  );
}
