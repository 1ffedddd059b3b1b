const FIRST = 1000;
const LONGEST = 30_000;

/**
 * Milliseconds to wait after `failures` failed attempts in a row (0 for the first): doubling, at most half a minute,
 * and spread over its upper half so that a thousand widgets do not come back in the same instant.
 */
export function backoff(failures: number): number {
  return Math.min(LONGEST, FIRST * 2 ** failures) * (0.5 + Math.random() / 2);
}
