import { describe, expect, it } from 'vitest';
import type { AccessEvent, Consent } from '../api/types';
import { looks } from './access';
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

describe('looks', () => {
  it('gathers the same look of the same day', () => {
    const event = (id: string, through: string, at: string): AccessEvent => ({
      id,
      position: 0,
      actor: { type: 'operator', id: 'o', name: 'Nora' },
      contact_id: 'c',
      through,
      occurred_at: at,
      count: 1,
    });
    const found = looks([
      event('3', 'stream', '2026-11-24T12:00:00Z'),
      event('2', 'contact', '2026-11-24T11:00:00Z'),
      event('1', 'stream', '2026-11-24T10:00:00Z'),
      event('0', 'stream', '2026-11-20T10:00:00Z'),
    ]);
    expect(found.map((l) => [l.what, l.times, l.last])).toEqual([
      ['followed live', 2, '2026-11-24T12:00:00Z'],
      ['opened the profile', 1, '2026-11-24T11:00:00Z'],
      ['followed live', 1, '2026-11-20T10:00:00Z'],
    ]);
  });
});
