/** How a request stands with its time. `calm` needs nobody yet; `time` is running out; `late` is over. */
export type Tone = 'calm' | 'time' | 'late' | 'closed';

export interface Clock {
  tone: Tone;
  /** "5 days left", "20 hours left", "2 days late". */
  text: string;
  /** How much of the time has gone, 0 to 1. */
  gone: number;
}

const hour = 3_600_000;
const day = 24 * hour;

interface Timed {
  received_at: string;
  due_at: string;
  closed_at: string | null;
}

/** The clock of a request. Time runs out from the second reminder on, when five sevenths of it have gone. */
export function clockOf(r: Timed, now: Date): Clock {
  if (r.closed_at) return { tone: 'closed', text: 'Answered', gone: 1 };
  const due = Date.parse(r.due_at);
  const received = Date.parse(r.received_at);
  const left = due - now.getTime();
  const gone = Math.min(1, Math.max(0, (now.getTime() - received) / (due - received)));
  if (left <= 0) return { tone: 'late', text: `${span(-left)} late`, gone: 1 };
  return { tone: gone >= 5 / 7 ? 'time' : 'calm', text: `${span(left)} left`, gone };
}

/** Whole days where there are two or more, hours below. */
function span(ms: number): string {
  if (ms >= 2 * day) return `${Math.floor(ms / day)} days`;
  const hours = Math.floor(ms / hour);
  if (hours < 1) return 'Less than an hour';
  return `${hours} ${hours === 1 ? 'hour' : 'hours'}`;
}

/** A day and month, for dates that people plan by. */
export function dayOf(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
}
