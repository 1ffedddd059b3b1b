import { describe, expect, it } from 'vitest';
import { keyCaps, match, shortcuts, strokeName } from './shortcuts';

const stroke = (key: string, over = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...over });

describe('the table of shortcuts', () => {
  it('gives no keys twice in one place', () => {
    for (const place of [['In the list', 'In a conversation'], ['On a board']]) {
      const keys = shortcuts
        .filter((s) => s.keys && (s.group === 'Anywhere' || place.includes(s.group)))
        .map((s) => s.keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it('has no single key that hides a pair', () => {
    const firsts = shortcuts.filter((s) => / /.test(s.keys)).map((s) => s.keys.split(' ')[0]);
    expect(shortcuts.filter((s) => firsts.includes(s.keys))).toEqual([]);
  });

  it('can be typed: each of its keys leads to its command', () => {
    for (const s of shortcuts.filter((x) => x.keys && !x.isToldOnly)) {
      let found = match('', '');
      for (const key of s.keys.split(' ')) found = match(found.pending, key, true, (id) => id === s.id);
      expect(found.id, s.keys).toBe(s.id);
    }
  });
});

describe('match', () => {
  it('waits for the second key of a pair', () => {
    expect(match('', 'g')).toEqual({ id: null, pending: 'g' });
    expect(match('g', 'c')).toEqual({ id: 'go-contacts', pending: '' });
  });

  it('takes a key by itself when it does not finish the pair', () => {
    expect(match('g', 'j')).toEqual({ id: 'next', pending: '' });
    expect(match('g', 'g')).toEqual({ id: null, pending: 'g' });
  });

  it('heeds only modified keys when single keys are off', () => {
    expect(match('', 'e', false)).toEqual({ id: null, pending: '' });
    expect(match('', 'g', false)).toEqual({ id: null, pending: '' });
    expect(match('', 'Mod+k', false).id).toBe('palette');
  });
});

describe('strokeName', () => {
  it('names keys as the table does', () => {
    expect(strokeName(stroke('K', { ctrlKey: true }))).toBe('Mod+k');
    expect(strokeName(stroke('k', { metaKey: true }))).toBe('Mod+k');
    expect(strokeName(stroke('?'))).toBe('?');
    expect(strokeName(stroke('e', { altKey: true }))).toBeNull();
  });
});

describe('keyCaps', () => {
  it('shows what is printed on the keyboard', () => {
    expect(keyCaps('g i', false)).toEqual(['G', 'I']);
    expect(keyCaps('Mod+k', false)).toEqual(['Ctrl', 'K']);
    expect(keyCaps('Mod+k', true)).toEqual(['⌘', 'K']);
  });
});
