import { describe, expect, it } from 'vitest';
import { firstLine } from './agreed';

describe('the first line of a post', () => {
  it.each([
    ['Hi! Could you add a dark mode? My eyes hurt.', 'Could you add a dark mode?'],
    ['Hello there,\nI would like to export my orders.', 'I would like to export my orders'],
    ['Dark mode', 'Dark mode'],
    ['نريد وضعًا داكنًا في التطبيق.', 'نريد وضعًا داكنًا في التطبيق'],
    ['', ''],
    ['   \n ', ''],
  ])('%j becomes %j', (said, line) => {
    expect(firstLine(said)).toBe(line);
  });

  it('is cut between words, and never within a character', () => {
    expect(firstLine('word '.repeat(60))).toMatch(/^(word )+word…$/);
    expect([...firstLine('🧵'.repeat(300))].length).toBe(100);
    expect(firstLine('🧵'.repeat(300))).not.toContain('\uFFFD');
  });
});
