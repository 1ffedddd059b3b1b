import { Globe, LockKeyhole, UserCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Author, Board, Status } from './data';
import { visibilityLabel } from './words';

/** A status's colour beside its name: the name alone says enough. */
export function Dot({ color }: { color: string }) {
  return (
    <span
      aria-hidden="true"
      className="inline-block size-2 shrink-0 rounded-full outline outline-line-strong"
      style={{ background: color }}
    />
  );
}

export function StatusName({ status, fallback }: { status: Status | undefined; fallback: string }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      {status && <Dot color={status.color} />}
      <span className="truncate">{status?.name ?? fallback}</span>
    </span>
  );
}

const icons: Partial<Record<Board['visibility'], ReactNode>> = {
  private: <LockKeyhole size={12} aria-hidden="true" />,
  public: <Globe size={12} aria-hidden="true" />,
};

export function VisibilityBadge({ board }: { board: Pick<Board, 'visibility'> }) {
  return (
    <span className="inline-flex shrink-0 items-center gap-1.5 text-xs text-ink-faint">
      {icons[board.visibility] ?? <UserCheck size={12} aria-hidden="true" />}
      {visibilityLabel(board.visibility)}
    </span>
  );
}

/** Whose words something is. */
export function authorName(author: Author): string {
  if (author.type === 'anonymous') return author.name || 'Somebody';
  if (author.type === 'api_key') return author.name ? `${author.name} (API)` : 'An API key';
  return author.name || (author.type === 'contact' ? 'A visitor' : 'A colleague');
}

/** A coloured line that says how things stand, with what can be done. */
export function Strip({
  tone,
  children,
  action,
}: {
  tone: 'time' | 'plain';
  children: ReactNode;
  action?: ReactNode;
}) {
  const look =
    tone === 'time' ? 'border-time-line bg-time-soft text-time-text' : 'border-line bg-sunken text-ink-soft';
  return (
    <div className={`flex flex-wrap items-center gap-x-3 gap-y-2 border-b px-4 py-2 text-sm ${look}`}>
      <p className="min-w-0 flex-1">{children}</p>
      {action}
    </div>
  );
}
