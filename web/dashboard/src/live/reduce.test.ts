import { describe, expect, it } from 'vitest';
import type { ConversationQuery } from '../api/endpoints';
import type { Conversation } from '../api/types';
import { conversation, message, pages } from '../testing';
import { addMessage, belongs, isStale, place, remove, withMessage } from './reduce';

const at = (minute: number) => `2026-11-24T10:${String(minute).padStart(2, '0')}:00Z`;
const ids = (p: { pages: { data: { id: string }[] }[] }) => p.pages.map((page) => page.data.map((x) => x.id));

describe('place', () => {
  const list = () =>
    pages([
      [conversation('a', { activity_at: at(30) }), conversation('b', { activity_at: at(20) })],
      [conversation('c', { activity_at: at(10) })],
    ]);

  it('moves a conversation that is written in to the top, across pages', () => {
    expect(ids(place(list(), conversation('c', { activity_at: at(40) }), { state: 'open' }, 'me'))).toEqual([
      ['c', 'a', 'b'],
      [],
    ]);
  });

  it('puts a new one where its activity says', () => {
    expect(ids(place(list(), conversation('n', { activity_at: at(25) }), {}, 'me'))).toEqual([
      ['a', 'n', 'b'],
      ['c'],
    ]);
    expect(ids(place(list(), conversation('n', { activity_at: at(5) }), {}, 'me'))).toEqual([
      ['a', 'b'],
      ['c', 'n'],
    ]);
  });

  it('leaves out what would stand beyond the loaded pages while more are to come', () => {
    const some = pages([[conversation('a', { activity_at: at(30) })]], true);
    expect(ids(place(some, conversation('n', { activity_at: at(5) }), {}, 'me'))).toEqual([['a']]);
  });

  it('takes out what no longer belongs', () => {
    expect(ids(place(list(), conversation('b', { state: 'resolved' }), { state: 'open' }, 'me'))).toEqual([
      ['a'],
      ['c'],
    ]);
  });

  it('fills an empty list', () => {
    expect(ids(place(pages([[]]), conversation('n'), {}, 'me'))).toEqual([['n']]);
  });

  it('gives the same object when nothing is to change', () => {
    const before = list();
    expect(remove(before, 'zzz')).toBe(before);
    expect(place(before, conversation('x', { state: 'resolved' }), { state: 'open' }, 'me')).toBe(before);
  });
});

describe('belongs', () => {
  it.each<[ConversationQuery, Partial<Conversation>, boolean]>([
    [{ state: 'open' }, {}, true],
    [{ state: 'open' }, { state: 'pending' }, false],
    [{ assignee_id: 'none' }, {}, true],
    [{ assignee_id: 'none' }, { assignee_id: 'me-id' }, false],
    [{ assignee_id: 'me' }, { assignee_id: 'me-id' }, true],
    [{ assignee_id: 'me' }, { assignee_id: 'other' }, false],
    [{ tag: 'vip' }, { tags: ['vip'] }, true],
    [{ tag: 'vip' }, {}, false],
    [{ contact_id: 'con_1' }, {}, false],
  ])('%j takes %j: %s', (query, over, wanted) => {
    expect(belongs(conversation('c', over), query, 'me-id')).toBe(wanted);
  });
});

describe('addMessage', () => {
  const thread = () => pages([[message('m3', at(3)), message('m1', at(1))]], true);

  it('orders by time, newest first, whatever the order of arrival', () => {
    expect(ids(addMessage(thread(), message('m2', at(2))))).toEqual([['m3', 'm2', 'm1']]);
    expect(ids(addMessage(thread(), message('m4', at(4))))).toEqual([['m4', 'm3', 'm1']]);
  });

  it('does not double a message that is told twice, and takes its newer text', () => {
    const told = addMessage(thread(), message('m3', at(3), { redacted_at: at(9) }));
    expect(ids(told)).toEqual([['m3', 'm1']]);
    expect(told.pages[0]?.data[0]?.redacted_at).toBe(at(9));
  });

  it('orders two of the same moment by their ids', () => {
    expect(ids(addMessage(pages([[message('b', at(1))]]), message('c', at(1))))).toEqual([['c', 'b']]);
    expect(ids(addMessage(pages([[message('b', at(1))]]), message('a', at(1))))).toEqual([['b', 'a']]);
  });

  it('does not let the fraction of a second mislead it', () => {
    const early = message('a', '2026-11-24T10:00:00.12Z');
    const late = message('b', '2026-11-24T10:00:00.123456Z');
    expect(ids(addMessage(pages([[early]]), late))).toEqual([['b', 'a']]);
  });
});

describe('withMessage', () => {
  it('counts what the contact wrote as unread, unless it is being looked at', () => {
    const c = conversation('c1');
    expect(withMessage(c, message('m', at(5)), false).unread_count).toBe(1);
    expect(withMessage(c, message('m', at(5)), true).unread_count).toBe(0);
    const own = message('m', at(5), { author: { type: 'operator', id: 'opr_1', name: 'Nora' } });
    expect(withMessage(c, own, false).unread_count).toBe(0);
  });

  it('opens again what the contact writes in', () => {
    const c = conversation('c1', { state: 'snoozed', snoozed_until: at(59) });
    expect(withMessage(c, message('m', at(5)), false)).toMatchObject({ state: 'open', snoozed_until: null });
  });

  it('counts a message once, however often it is told', () => {
    const once = withMessage(conversation('c1'), message('m', at(5)), false);
    expect(withMessage(once, message('m', at(5)), false)).toBe(once);
    expect(withMessage(once, message('older', at(4)), false)).toBe(once);
  });

  it('lets a note move the conversation without becoming its last word', () => {
    const c = withMessage(conversation('c1'), message('m', at(5)), false);
    const noted = withMessage(
      c,
      message('n', at(6), { type: 'note', author: { type: 'operator', id: 'o', name: 'N' } }),
      false,
    );
    expect(noted).toMatchObject({ last_message: { id: 'm' }, activity_at: at(6), message_count: 2 });
  });
});

describe('isStale', () => {
  it('holds on to what is newer', () => {
    const held = conversation('c', { updated_at: '2026-11-24T10:00:00.5Z' });
    expect(isStale(held, conversation('c', { updated_at: '2026-11-24T10:00:00.499999Z' }))).toBe(true);
    expect(isStale(held, conversation('c', { updated_at: '2026-11-24T10:00:00.5Z' }))).toBe(false);
    expect(isStale(undefined, conversation('c'))).toBe(false);
  });
});
