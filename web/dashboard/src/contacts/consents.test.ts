import { describe, expect, it } from 'vitest';
import type { Consent } from '../api/types';
import { standing } from './consents';

const consent = (purpose: string, action: Consent['action'], at: string) =>
  ({ purpose, action, created_at: at }) as Consent;

describe('standing', () => {
  it('takes the newest word on each purpose, in whatever order they come', () => {
    const now = standing([
      consent('news', 'grant', '2026-11-01T10:00:00Z'),
      consent('news', 'withdraw', '2026-11-03T10:00:00Z'),
      consent('email', 'grant', '2026-11-02T10:00:00Z'),
      consent('news', 'grant', '2026-11-02T10:00:00Z'),
    ]);
    expect(now.map((c) => [c.purpose, c.action])).toEqual([
      ['email', 'grant'],
      ['news', 'withdraw'],
    ]);
  });
});
