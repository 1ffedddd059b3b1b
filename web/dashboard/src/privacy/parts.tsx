import type { PrivacyRequest } from '../api/types';
import { useMinute } from '../lib/hooks';
import { fullTime } from '../lib/time';
import { type Clock, clockOf, type Tone } from './clock';
import { states } from './words';

const tones: Record<Tone, string> = {
  calm: 'text-ink-soft',
  time: 'text-time-text',
  late: 'text-loss-text',
  closed: 'text-ink-faint',
};

/** A ring that fills as the time goes, and the time in words. */
export function ClockMark({ r, size = 16 }: { r: PrivacyRequest; size?: number }) {
  const clock = clockOf(r, useMinute());
  return (
    <span
      title={r.closed_at ? `Answered ${fullTime(r.closed_at)}` : `Due ${fullTime(r.due_at)}`}
      className={`inline-flex items-center gap-2 text-sm font-medium whitespace-nowrap tabular-nums ${tones[clock.tone]}`}
    >
      <Ring clock={clock} size={size} />
      {clock.text}
    </span>
  );
}

function Ring({ clock: { tone, gone }, size }: { clock: Clock; size: number }) {
  const round = 2 * Math.PI * 6;
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" className="shrink-0">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeOpacity="0.25" strokeWidth="2.5" />
      {tone === 'closed' ? (
        <path
          d="M5 8.2 7.2 10.4 11 6.2"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeLinecap="round"
        />
      ) : (
        <circle
          cx="8"
          cy="8"
          r="6"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.5"
          strokeDasharray={`${gone * round} ${round}`}
          transform="rotate(-90 8 8)"
        />
      )}
      {tone === 'late' && <path d="M8 5v3.4" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />}
    </svg>
  );
}

/** The state in a word. What waits for somebody here has the accent. */
export function StateMark({ r }: { r: PrivacyRequest }) {
  const isYours = r.state === 'verified' && !r.automatic;
  const look = isYours
    ? 'border-accent-line bg-accent-soft text-accent-text'
    : r.state === 'refused'
      ? 'border-line text-loss-text'
      : 'border-line text-ink-soft';
  return (
    <span
      className={`inline-flex h-5 items-center rounded-sm border px-1.5 text-xs font-medium whitespace-nowrap ${look}`}
    >
      {r.hold ? 'On legal hold' : states[r.state]}
    </span>
  );
}
