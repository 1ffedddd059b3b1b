import { describe, expect, it } from 'vitest';
import { dayName, longAge, micros, shortAge, snoozeChoices } from './time';

const now = new Date(2026, 10, 24, 15, 0, 0);
const before = (ms: number) => new Date(now.getTime() - ms).toISOString();
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe('micros', () => {
  it('compares fractions of any length', () => {
    expect(micros('2026-11-24T10:00:00Z') % 1e6).toBe(0);
    expect(micros('2026-11-24T10:00:00.5Z') - micros('2026-11-24T10:00:00Z')).toBe(500_000);
    expect(micros('2026-11-24T10:00:00.123456Z') - micros('2026-11-24T10:00:00.12Z')).toBe(3456);
  });
});

describe('shortAge', () => {
  it.each([
    [before(20_000), 'now'],
    [before(4 * minute), '4m'],
    [before(59 * minute), '59m'],
    [before(3 * hour), '3h'],
    [before(2 * day), 'Sun'],
    [before(40 * day), 'Oct 15'],
    [before(400 * day), 'Oct 2025'],
    [new Date(now.getTime() + 5000).toISOString(), 'now'],
  ])('%s is %s', (iso, wanted) => {
    expect(shortAge(iso, now)).toBe(wanted);
  });
});

describe('longAge', () => {
  it('counts in whole words', () => {
    expect(longAge(before(minute), now)).toBe('1 minute ago');
    expect(longAge(before(3 * day), now)).toBe('3 days ago');
    expect(longAge(before(60 * day), now)).toMatch(/Sept? 2026$/);
  });
});

describe('dayName', () => {
  it('names days as people do', () => {
    expect(dayName(before(hour), now)).toBe('Today');
    expect(dayName(before(16 * hour), now)).toBe('Yesterday');
    expect(dayName(before(5 * day), now)).toBe('Thursday 19 November');
    expect(dayName(before(400 * day), now)).toContain('2025');
  });
});

describe('snoozeChoices', () => {
  it('lie ahead, from any day of the week', () => {
    for (let d = 0; d < 7; d++) {
      const today = new Date(2026, 10, 23 + d, 22, 30);
      const [later, tomorrow, monday] = snoozeChoices(today).map((c) => c.at);
      expect(later?.getTime()).toBeGreaterThan(today.getTime());
      expect(tomorrow?.getHours()).toBe(9);
      expect(monday?.getDay()).toBe(1);
      expect(monday?.getTime()).toBeGreaterThan(today.getTime());
    }
  });
});
