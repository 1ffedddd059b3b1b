import { BadgeCheck, LockKeyhole } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { initials, ownPicture } from '../lib/names';

const avatarSizes = { sm: 'size-6 text-[10px]', md: 'size-9 text-sm', lg: 'size-14 text-md' };

interface AvatarProps {
  name: string;
  size?: 'sm' | 'md' | 'lg';
  kind?: 'contact' | 'operator';
  isOnline?: boolean;
  /** The contact's avatar_url. It is shown only where it is served from here. */
  picture?: string | undefined;
}

/** A picture that is kept here, or initials on paper. Contacts are round; colleagues have corners. */
export function Avatar({ name, size = 'md', kind = 'contact', isOnline, picture }: AvatarProps) {
  const [broken, setBroken] = useState('');
  const src = ownPicture(picture);
  const shape = kind === 'operator' ? 'rounded-sm' : 'rounded-full';
  return (
    <span className="relative inline-flex h-fit shrink-0" aria-hidden="true">
      <span
        className={`inline-flex items-center justify-center border border-line-strong bg-sunken font-semibold text-ink-soft ${shape} ${avatarSizes[size]}`}
      >
        {src && src !== broken ? (
          <img
            src={src}
            alt=""
            loading="lazy"
            className={`size-full object-cover ${shape}`}
            onError={() => setBroken(src)}
          />
        ) : (
          initials(name)
        )}
      </span>
      {isOnline && (
        <span className="absolute -right-px -bottom-px size-2.5 rounded-full border-2 border-surface bg-accent" />
      )}
    </span>
  );
}

/** The mark of a promise at work: what stands here is sealed with the person's own key. */
export function Seal({ label = 'Sealed', title }: { label?: string; title?: string }) {
  return (
    <span
      title={title ?? "Sealed with this person's own key. Erase the key, and every copy is unreadable."}
      className="inline-flex items-center gap-1 text-xs text-ink-faint"
    >
      <LockKeyhole size={12} strokeWidth={2} aria-hidden="true" />
      {label}
    </span>
  );
}

/** Whether an address was proven or only said. */
export function Verified({ verified, hasEmail }: { verified: boolean; hasEmail: boolean }) {
  if (!hasEmail) return null;
  return verified ? (
    <span
      className="inline-flex items-center gap-1 text-xs text-ink-soft"
      title="The website vouched for this person."
    >
      <BadgeCheck size={13} aria-hidden="true" />
      Verified
    </span>
  ) : (
    <span
      className="inline-flex items-center text-xs text-ink-faint"
      title="This person typed the address in. Nobody has proven that it is theirs."
    >
      Claimed, not verified
    </span>
  );
}

export function Count({ value, isYours }: { value: number | undefined; isYours?: boolean }) {
  if (!value) return null;
  return (
    <span className={`text-xs tabular-nums ${isYours ? 'font-semibold text-accent-text' : 'text-ink-faint'}`}>
      {value > 999 ? '999+' : value}
    </span>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-surface px-1 font-sans text-xs text-ink-soft">
      {children}
    </kbd>
  );
}

export function Tag({ children, onRemove }: { children: ReactNode; onRemove?: ReactNode }) {
  return (
    <span className="inline-flex h-5 max-w-40 items-center gap-1 rounded-sm border border-line bg-sunken px-1.5 text-xs text-ink-soft">
      <span className="truncate">{children}</span>
      {onRemove}
    </span>
  );
}

interface EmptyProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Where nothing is yet: says why, and what to do. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center px-6 py-12 text-center">
      <span
        className="mb-4 flex size-12 items-center justify-center rounded-full border border-line bg-sunken text-ink-faint"
        aria-hidden="true"
      >
        {icon}
      </span>
      <h2 className="text-md font-semibold">{title}</h2>
      {children && <div className="mt-1.5 text-sm text-ink-soft">{children}</div>}
      {action && <div className="mt-5">{action}</div>}
    </div>
  );
}

export function Skeleton({ className = '' }: { className?: string }) {
  return <span aria-hidden="true" className={`skeleton block ${className}`} />;
}

/** A failed load in place of what should be here, with the way on. */
export function LoadProblem({ text, onRetry }: { text: string; onRetry: () => void }) {
  return (
    <div role="alert" className="mx-auto max-w-sm px-6 py-12 text-center text-sm text-ink-soft">
      <p>{text}</p>
      <button
        type="button"
        onClick={onRetry}
        className="mt-3 font-medium text-accent-text underline underline-offset-2"
      >
        Try again
      </button>
    </div>
  );
}

export function Switch({
  label,
  isOn,
  onChange,
}: {
  label: string;
  isOn: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={isOn}
      onClick={() => onChange(!isOn)}
      className="flex items-center gap-2.5 text-sm text-ink"
    >
      <span
        className={`flex h-5 w-9 items-center rounded-full px-0.5 transition-colors ${isOn ? 'bg-accent' : 'bg-line-field'}`}
      >
        <span
          className={`size-4 rounded-full bg-surface transition-transform ${isOn ? 'translate-x-4' : ''}`}
        />
      </span>
      {label}
    </button>
  );
}
