import { describe, expect, it } from 'vitest';
import type { AccessEvent } from '../api/types';
import { looks } from './access';

const desk = { network: '192.0.2.0/24', browser: 'Firefox', system: 'Linux' };

function event(over: Partial<AccessEvent>): AccessEvent {
  return {
    id: 'aud_1',
    position: 1,
    actor: { type: 'operator', id: 'opr_1', name: 'Nora' },
    contact_id: 'con_1',
    through: 'contact',
    occurred_at: '2026-11-24T10:00:00Z',
    count: 1,
    session_id: 'ses_1',
    from: desk,
    ...over,
  };
}

describe('looks', () => {
  it('counts looks from the same place together, and keeps those from another apart', () => {
    const phone = { network: '2001:db8:7::/48', browser: 'Safari', system: 'iOS' };
    const read = event({ through: 'contact.notes' });
    const all = looks([event({ from: phone }), event({}), read, event({}), event({ from: null })]);
    expect(all.map((l) => [l.where, l.what])).toEqual([
      ['Safari on iOS, from 2001:db8:7::/48', ['opened the profile']],
      ['Firefox on Linux, from 192.0.2.0/24', ['opened the profile, 2 times', 'read the notes']],
      ['', ['opened the profile']],
    ]);
  });

  it('keeps days apart', () => {
    const all = looks([event({}), event({ occurred_at: '2026-11-20T10:00:00Z', through: 'stream' })]);
    expect(all.map((l) => [l.what, l.last])).toEqual([
      [['opened the profile'], '2026-11-24T10:00:00Z'],
      [['followed live'], '2026-11-20T10:00:00Z'],
    ]);
  });

  it('calls a key by its name, and says what is known of the place', () => {
    const key = event({
      actor: { type: 'api_key', id: 'key_1', name: 'Shop' },
      from: { network: '198.51.100.0/24', browser: '', system: '' },
    });
    expect(looks([key]).map((l) => [l.who, l.where])).toEqual([['API key “Shop”', 'from 198.51.100.0/24']]);
    expect(looks([event({ from: { ...desk, browser: '' } })])[0]?.where).toBe('Linux, from 192.0.2.0/24');
  });
});
