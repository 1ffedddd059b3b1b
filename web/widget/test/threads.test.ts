import { describe, expect, it } from 'vitest';
import { arrived, firstUnread, merge, place, refresh } from '../src/panel/core/threads.ts';
import { rows } from '../src/panel/ui/rows.ts';
import { conversation, message } from './builders.ts';

const ids = (list: { id: string }[]) => list.map(({ id }) => id);
const m = (n: number) =>
  message({
    id: `msg_${String(n).padStart(3, '0')}`,
    created_at: `2026-11-24T10:${String(n).padStart(2, '0')}:00Z`,
  });

describe('merging messages', () => {
  it('orders by time, then id, and keeps each once', () => {
    expect(ids(merge([m(3), m(1)], [m(2), m(3)]))).toEqual(['msg_001', 'msg_002', 'msg_003']);
  });

  it('takes the newer form of a message', () => {
    const gone = { ...m(1), body: '', redacted_at: '2026-11-24T11:00:00Z' };
    expect(merge([m(1)], [gone])).toEqual([gone]);
  });

  it('ends the same in whatever order and how often pieces come', () => {
    const all = Array.from({ length: 40 }, (_, n) => m(n));
    for (let seed = 1; seed < 60; seed++) {
      let known = [] as ReturnType<typeof merge>;
      for (let n = 0; n < 40; n++) known = merge(known, [m((n * 17 + seed * 7) % 40), m((n * 29) % 40)]);
      known = merge(known, all.slice(seed % 20));
      expect(ids(merge(known, all))).toEqual(ids(all));
    }
  });
});

describe('taking in the newest page', () => {
  it('joins a page that meets what is known, and keeps the way to older ones', () => {
    const thread = { messages: [m(1), m(2)], older: 'cur_0' };
    expect(refresh(thread, { data: [m(3), m(2)], next_cursor: 'cur_x' })).toEqual({
      messages: [m(1), m(2), m(3)],
      older: 'cur_0',
    });
  });

  it('leaves no hole: a page beyond a gap starts over, with a way back', () => {
    const thread = { messages: [m(1), m(2)], older: null };
    expect(refresh(thread, { data: [m(30), m(29)], next_cursor: 'cur_29' })).toEqual({
      messages: [m(29), m(30)],
      older: 'cur_29',
    });
  });
});

describe('conversations', () => {
  it('puts the latest activity first', () => {
    const old = conversation({ id: 'cnv_a', updated_at: '2026-11-24T09:00:00Z' });
    const fresh = conversation({ id: 'cnv_b', updated_at: '2026-11-24T10:00:00Z' });
    expect(ids(place([fresh, old], { ...old, updated_at: '2026-11-24T11:00:00Z' }))).toEqual([
      'cnv_a',
      'cnv_b',
    ]);
  });

  it('counts an answer once, however it arrives', () => {
    const answer = message({ id: 'msg_9', author: { type: 'operator', id: 'opr_1', name: 'Mara' } });
    const once = arrived(conversation({}), answer);
    expect(once.unread_count).toBe(1);
    expect(arrived(once, answer)).toBe(once);
    expect(arrived(conversation({}), message({ id: 'msg_9' })).unread_count).toBe(0);
  });

  it('finds the first answer that was not read', () => {
    const answer = (n: number) => ({ ...m(n), author: { type: 'operator' as const, id: 'opr_1', name: '' } });
    expect(firstUnread([m(1), answer(2), answer(3)], '2026-11-24T10:02:00Z')).toBe('msg_003');
    expect(firstUnread([m(1), answer(2)], null)).toBe('msg_002');
    expect(firstUnread([m(1), m(2)], null)).toBeUndefined();
  });
});

describe('rows of a thread', () => {
  it('groups by author and time, with a line per day and above the first unread', () => {
    const answer = { type: 'operator' as const, id: 'opr_1', name: 'Mara' };
    const list = [
      message({ id: 'a', created_at: new Date(2026, 10, 23, 9, 0).toISOString() }),
      message({ id: 'b', created_at: new Date(2026, 10, 24, 9, 0).toISOString() }),
      message({ id: 'c', created_at: new Date(2026, 10, 24, 9, 1).toISOString() }),
      message({ id: 'd', created_at: new Date(2026, 10, 24, 9, 2).toISOString(), author: answer }),
      message({ id: 'e', created_at: new Date(2026, 10, 24, 9, 30).toISOString(), author: answer }),
    ];
    const shape = rows(list, 'e').map((row) =>
      row.message
        ? `${row.message.id}${row.first ? '<' : ''}${row.last ? '>' : ''}`
        : row.day
          ? 'day'
          : 'new',
    );
    expect(shape).toEqual(['day', 'a<>', 'day', 'b<', 'c>', 'd<>', 'new', 'e<>']);
  });
});
