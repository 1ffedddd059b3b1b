import { describe, expect, it } from 'vitest';
import { passwordMinimum, strength } from '../auth/password';
import { readableOn } from './contrast';
import { displayName, initials } from './names';

describe('names', () => {
  it('calls a person by their name, their address, or kindly', () => {
    expect(displayName({ name: ' Ada ', email: 'a@b.c' })).toBe('Ada');
    expect(displayName({ name: '', email: 'a@b.c' })).toBe('a@b.c');
    expect(displayName({})).toBe('Visitor');
  });

  it.each([
    ['Ada Lovelace', 'AL'],
    ['Ada King Lovelace', 'AL'],
    ['ada', 'A'],
    ['ada.lovelace@example.com', 'AC'],
    ['', '?'],
    ['𝒜da', '𝒜'],
  ])('makes %j into %s', (name, wanted) => {
    expect(initials(name)).toBe(wanted);
  });
});

describe('strength', () => {
  it('asks for length, and sees names and repetition', () => {
    expect(strength('short').level).toBe(0);
    expect(strength('a'.repeat(passwordMinimum)).level).toBe(1);
    expect(strength('fernhill-2026!', ['Fernhill']).level).toBe(1);
    expect(strength('river lamp seven').level).toBe(3);
  });
});

describe('readableOn', () => {
  it('writes on any colour readably', () => {
    expect(readableOn('#0f766e')).toBe('#ffffff');
    expect(readableOn('#ffe066')).toBe('#000000');
  });
});
