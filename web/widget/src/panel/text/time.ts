/** Times as the reader's language writes them, in the reader's time zone. */

const DAY = 86_400_000;

export function clockTime(at: string, locale: string): string {
  return new Date(at).toLocaleTimeString(locale, { timeStyle: 'short' });
}

/** Midnight of the reader's own day, in milliseconds, for telling days apart. */
export function dayOf(at: string | number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** "today", "yesterday", a weekday within the week, a date before that. */
export function dayName(at: string, locale: string, now = Date.now()): string {
  const ago = Math.round((dayOf(now) - dayOf(at)) / DAY);
  if (ago < 2) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-ago, 'day');
  return new Date(at).toLocaleDateString(locale, ago < 7 ? { weekday: 'long' } : { dateStyle: 'long' });
}

/** For the list of conversations: a time today, a day before that. */
export function shortTime(at: string, locale: string, now = Date.now()): string {
  return dayOf(at) === dayOf(now) ? clockTime(at, locale) : dayName(at, locale, now);
}
