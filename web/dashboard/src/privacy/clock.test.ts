import { describe, expect, it } from 'vitest';
import { clockOf } from './clock';

const received_at = '2026-11-02T09:00:00Z';
const due_at = '2026-11-09T09:00:00Z';
const at = (iso: string, closed_at: string | null = null) =>
  clockOf({ received_at, due_at, closed_at }, new Date(iso));

describe('the clock of a request', () => {
  it.each([
    ['2026-11-02T09:00:00Z', '7 days left', 'calm'],
    ['2026-11-07T08:59:00Z', '2 days left', 'calm'],
    ['2026-11-07T09:00:00Z', '2 days left', 'time'],
    ['2026-11-07T09:01:00Z', '47 hours left', 'time'],
    ['2026-11-09T08:30:00Z', 'Less than an hour left', 'time'],
    ['2026-11-09T09:00:00Z', 'Less than an hour late', 'late'],
    ['2026-11-09T10:00:00Z', '1 hour late', 'late'],
    ['2026-11-12T09:00:00Z', '3 days late', 'late'],
  ])('at %s says %s', (now, text, tone) => {
    expect(at(now)).toMatchObject({ text, tone });
  });

  it('stops when the request is answered', () => {
    expect(at('2026-11-12T09:00:00Z', '2026-11-05T09:00:00Z').tone).toBe('closed');
  });

  it('runs faster where the workspace gave itself a day', () => {
    const short = { received_at, due_at: '2026-11-03T09:00:00Z', closed_at: null };
    expect(clockOf(short, new Date('2026-11-03T03:00:00Z'))).toMatchObject({
      text: '6 hours left',
      tone: 'time',
    });
  });
});
