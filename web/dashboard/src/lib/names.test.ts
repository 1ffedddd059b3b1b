import { describe, expect, it } from 'vitest';
import { passwordMinimum, strength } from '../auth/password';
import { readableOn } from './contrast';
import { displayName, initials, ownPicture } from './names';

describe('pictures', () => {
  const path = '/api/v1/contacts/con_01/avatar';
  it.each([
    [`https://app.example${path}?v=0a1b`, `${path}?v=0a1b`],
    [`http://127.0.0.1:8080${path}`, path],
    ['https://gravatar.com/avatar/0a1b', null],
    [`https://evil.example/x${path}`, null],
    [`https://evil.example?u=${path}`, null],
    [`https://app.example${path}?v=0#x`, null],
    [`${path}`, null],
    ['https://app.example/api/v1/contacts/../account/avatar', null],
    ['', null],
  ])('%s is had from %s', (url, own) => expect(ownPicture(url)).toBe(own));
});

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
