import { describe, expect, it } from 'vitest';
import { aboutDays, countsInWords } from './retention-words';

describe('countsInWords', () => {
  it('says what goes, and leaves out what does not', () => {
    expect(countsInWords({ conversations: 1, messages: 1200, events: 0 })).toBe(
      '1 conversation, 1,200 messages',
    );
    expect(countsInWords({ contacts: 1 })).toBe('1 person erased');
    expect(countsInWords({ contacts: 0 })).toBe('nothing');
  });
});

describe('aboutDays', () => {
  it('helps where the number of days is hard to grasp', () => {
    expect([aboutDays(30), aboutDays(90), aboutDays(365), aboutDays(730)]).toEqual([
      '',
      'about 3 months',
      'about a year',
      'about 2 years',
    ]);
  });
});
