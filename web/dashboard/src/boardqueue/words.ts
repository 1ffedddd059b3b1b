import type { Decision, PendingItem } from './data';

/** Why something waits, in words. */
export const reasons: Record<PendingItem['held_for'], string> = {
  approval: 'Everything on this board is looked at first.',
  words: "It holds one of the board's words.",
  links: 'It has more links than the board lets through.',
  first: 'It is the first that this person wrote here.',
  challenge: 'It came without the work that the board asks of browsers.',
  '': 'A colleague had it wait.',
};

export const done: Record<Decision, string> = {
  approve: 'published',
  reject: 'removed',
  block: 'removed, and who wrote it is blocked',
};
