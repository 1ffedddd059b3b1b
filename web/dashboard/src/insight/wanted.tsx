import { Link } from '@tanstack/react-router';
import type { Board } from '../boards/data';
import { StatusName } from '../boards/parts';
import { count } from '../boards/words';
import { longAge } from '../lib/time';
import type { InsightPost, Split } from './data';

const number = (n: number): string => n.toLocaleString('en', { maximumFractionDigits: 1 });

interface WantedProps {
  board: Board;
  posts: InsightPost[];
  /** Whether the board weighs votes, so that weights say more than how many there are. */
  weighs: boolean;
  empty: string;
}

/** The posts that some people want most, with bars of how much. */
export function Wanted({ board, posts, weighs, empty }: WantedProps) {
  if (posts.length === 0) return <p className="text-sm text-ink-faint">{empty}</p>;
  const size = (p: InsightPost) => (weighs ? (p.weight ?? p.votes) : p.votes);
  const most = Math.max(1, ...posts.map(size));
  return (
    <ol className="space-y-1">
      {posts.map((p) => (
        <li key={p.id}>
          <Link
            to="/boards/$boardId/posts/$postId"
            params={{ boardId: board.id, postId: p.id }}
            preload={false}
            className="block rounded-md px-2 py-1.5 hover:bg-hover"
          >
            <span className="flex items-baseline gap-3">
              <span className="min-w-0 flex-1 truncate text-sm font-medium">
                <bdi>{p.title || 'Veiled: its author is restricted'}</bdi>
              </span>
              <span className="shrink-0 text-sm font-semibold tabular-nums">
                {weighs && p.weight !== null && p.weight !== undefined ? number(p.weight) : p.votes}
              </span>
            </span>
            <Bar part={size(p) / most} />
            <span className="mt-1 flex items-center gap-2 text-xs text-ink-faint">
              <StatusName status={board.statuses.find((s) => s.key === p.status)} fallback={p.status} />
              <span className="ml-auto shrink-0">
                {weighs ? `${count(p.votes, 'vote')}, last ` : 'Last '}
                {longAge(p.last_vote_at)}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}

/** A bar as long as a part of the whole. */
export function Bar({ part }: { part: number }) {
  return (
    <span aria-hidden="true" className="mt-1 block h-1.5 rounded-full bg-pressed">
      <span
        className="block h-full rounded-full bg-ink-faint"
        style={{ width: `${Math.max(2, Math.min(1, part) * 100)}%` }}
      />
    </span>
  );
}

interface SplitsProps {
  title: string;
  rows: (Split & { name: string })[];
  weighs: boolean;
}

/** How posts and votes are spread. */
export function Splits({ title, rows, weighs }: SplitsProps) {
  const most = Math.max(1, ...rows.map((r) => r.votes));
  return (
    <table className="w-full text-sm tabular-nums">
      <caption className="mb-2 text-left text-sm font-semibold">{title}</caption>
      <thead className="text-xs text-ink-faint">
        <tr>
          <th className="py-1 text-left font-normal">Name</th>
          <th className="w-16 py-1 text-right font-normal">Posts</th>
          <th className="w-16 py-1 text-right font-normal">Votes</th>
          {weighs && <th className="w-24 py-1 text-right font-normal">Weight</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((r) => (
          <tr key={r.key} className="border-t border-line align-top">
            <th scope="row" className="max-w-0 py-1.5 pr-3 text-left font-normal">
              <span className="block truncate">{r.name}</span>
              <Bar part={r.votes / most} />
            </th>
            <td className="py-1.5 text-right">{r.posts}</td>
            <td className="py-1.5 text-right">{r.votes.toLocaleString('en')}</td>
            {weighs && <td className="py-1.5 text-right">{number(r.weight ?? 0)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
