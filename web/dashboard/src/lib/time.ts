const day = 86_400_000;

/** An RFC 3339 time in microseconds since 1970. Fractions of any length compare rightly. */
export function micros(iso: string): number {
  const ms = Date.parse(iso);
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? '';
  const beyondMillis = Number((fraction.slice(3, 6) || '0').padEnd(3, '0'));
  return ms * 1000 + beyondMillis;
}

const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString();
const clockTime = (d: Date) =>
  d.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });

/** For lists: "now", "4m", "3h", then the weekday, then the date. */
export function shortAge(iso: string, now: Date = new Date()): string {
  const then = new Date(iso);
  const ms = now.getTime() - then.getTime();
  if (ms < 60_000) return 'now';
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)}m`;
  if (ms < day) return `${Math.floor(ms / 3_600_000)}h`;
  if (ms < 6 * day) return then.toLocaleDateString('en', { weekday: 'short' });
  if (then.getFullYear() === now.getFullYear())
    return then.toLocaleDateString('en', { day: 'numeric', month: 'short' });
  return then.toLocaleDateString('en', { month: 'short', year: 'numeric' });
}

/** For a bubble: the time of day. */
export function clock(iso: string): string {
  return clockTime(new Date(iso));
}

/** For the line between days: "Today", "Yesterday", "Monday 3 November". */
export function dayName(iso: string, now: Date = new Date()): string {
  const then = new Date(iso);
  if (sameDay(then, now)) return 'Today';
  if (sameDay(then, new Date(now.getTime() - day))) return 'Yesterday';
  const year = then.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const);
  return then.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year });
}

/** For tooltips and tables: date and time in full. */
export function fullTime(iso: string): string {
  const d = new Date(iso);
  return `${d.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })}, ${clockTime(d)}`;
}

/** For facts about a person: "just now", "5 minutes ago", "3 days ago", then the date. */
export function longAge(iso: string, now: Date = new Date()): string {
  const ms = now.getTime() - Date.parse(iso);
  const say = (n: number, unit: string) => `${n} ${unit}${n === 1 ? '' : 's'} ago`;
  if (ms < 60_000) return 'just now';
  if (ms < 3_600_000) return say(Math.floor(ms / 60_000), 'minute');
  if (ms < day) return say(Math.floor(ms / 3_600_000), 'hour');
  if (ms < 30 * day) return say(Math.floor(ms / day), 'day');
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** For a snoozed conversation: "14:30", "tomorrow 09:00", "Mon 24 Nov, 09:00". */
export function untilTime(iso: string, now: Date = new Date()): string {
  const then = new Date(iso);
  if (sameDay(then, now)) return clockTime(then);
  if (sameDay(then, new Date(now.getTime() + day))) return `tomorrow ${clockTime(then)}`;
  return `${then.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })}, ${clockTime(then)}`;
}

/** The choices of the snooze menu, as local times. */
export function snoozeChoices(now: Date = new Date()): { id: string; label: string; at: Date }[] {
  const later = new Date(now.getTime() + 3 * 3_600_000);
  const tomorrow = new Date(now);
  tomorrow.setDate(now.getDate() + 1);
  tomorrow.setHours(9, 0, 0, 0);
  const monday = new Date(now);
  monday.setDate(now.getDate() + ((8 - now.getDay()) % 7 || 7));
  monday.setHours(9, 0, 0, 0);
  return [
    { id: 'later', label: 'In three hours', at: later },
    { id: 'tomorrow', label: 'Tomorrow morning', at: tomorrow },
    { id: 'monday', label: 'Next Monday', at: monday },
  ];
}
