import { describe, expect, it } from 'vitest';
import type { Board } from '../boards/data';
import { both, changed, changeOf, draftOf, keyFor, onto } from './draft';

const board = {
  id: 'brd_1',
  name: 'Ideas',
  slug: 'ideas',
  intro: '',
  color: '#0f766e',
  css: '',
  language: '',
  visibility: 'segment',
  segment_id: 'seg_1',
  indexable: false,
  domain: null,
  posting: 'contacts',
  approval: false,
  anonymous_votes: false,
  on_erasure: 'remove',
  statuses: [{ key: 'open', name: 'Open', color: '#64748b', kind: 'open' }],
  categories: [{ key: 'shop', name: 'Shop', color: '#0f766e' }],
  weight: { by: 'votes', attribute: '', segments: [], default: 1, importance: false },
} as unknown as Board;

describe('a draft of a board', () => {
  it('sends nothing while nothing differs', () => {
    expect(changeOf(board, draftOf(board))).toEqual({});
  });

  it('sends what differs alone', () => {
    const draft = { ...draftOf(board), name: 'Wishes', domain: 'ideas.example.org' };
    expect(changeOf(board, draft)).toEqual({ name: 'Wishes', domain: 'ideas.example.org' });
  });

  it('lets the segment go with the visibility that needs it', () => {
    expect(changeOf(board, { ...draftOf(board), visibility: 'public' })).toEqual({
      visibility: 'public',
      segment_id: '',
    });
    const open = { ...board, visibility: 'public', segment_id: null } as Board;
    expect(changeOf(open, { ...draftOf(open), segment_id: 'seg_2' })).toEqual({});
  });

  it('sends all statuses, without what the form alone knows', () => {
    const draft = draftOf(board);
    draft.statuses.push({
      id: 'x',
      isNew: true,
      key: 'later',
      name: ' Later ',
      color: '#111111',
      kind: 'open',
    });
    expect(changeOf(board, draft).statuses).toEqual([
      { key: 'open', name: 'Open', color: '#64748b', kind: 'open' },
      { key: 'later', name: 'Later', color: '#111111', kind: 'open' },
    ]);
  });

  it('keeps the key of a category that gets another name, and gives a new one none', () => {
    const draft = draftOf(board);
    const [shop] = draft.categories;
    if (shop) shop.name = 'Store';
    draft.categories.push({ id: 'x', isNew: true, key: '', name: 'App', color: '#111111' });
    expect(changeOf(board, draft)).toEqual({
      categories: [
        { key: 'shop', name: 'Store', color: '#0f766e' },
        { name: 'App', color: '#111111' },
      ],
    });
  });

  it('sends of a weight what its kind has use for, and what is no number as what no weight can be', () => {
    const draft = draftOf(board);
    draft.weight = {
      by: 'segments',
      attribute: 'mrr',
      segments: [{ id: 'x', segment_id: 'seg_1', weight: '2.5' }],
      default: 'one',
      importance: true,
    };
    expect(changeOf(board, draft)).toEqual({
      weight: {
        by: 'segments',
        segments: [{ segment_id: 'seg_1', weight: 2.5 }],
        default: -1,
        importance: true,
      },
    });
    draft.weight.by = 'attribute';
    expect(changeOf(board, draft)).toEqual({
      weight: { by: 'attribute', attribute: 'mrr', importance: true },
    });
  });

  it('keeps what was changed here on a newer version, and tells what both changed', () => {
    const mine = { ...draftOf(board), name: 'Mine', color: '#111111' };
    const newer = { ...board, name: 'Theirs', intro: 'Hello' } as Board;
    expect(onto(newer, board, mine)).toMatchObject({ name: 'Mine', color: '#111111', intro: 'Hello' });
    expect(both(newer, board, mine)).toEqual(['name']);
    expect(changed(newer, onto(newer, board, mine))).toEqual(['name', 'color']);
  });
});

describe('the key of a status', () => {
  it('is made of its name, and of no other status', () => {
    expect(keyFor('Under review!', [])).toBe('under_review');
    expect(keyFor('Open', ['open', 'open_2'])).toBe('open_3');
    expect(keyFor('Ожидает', [])).toBe('status');
    expect(keyFor('x'.repeat(60), [])).toHaveLength(36);
  });
});
