/** What to call a person on screen: their name, else their address, else a kind word. */
export function displayName(person: { name?: string | null; email?: string | null }): string {
  return person.name?.trim() || person.email?.trim() || 'Visitor';
}

/** One or two letters for an avatar. */
export function initials(name: string): string {
  const words = name.split(/[\s@._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const text = letters.map((w) => Array.from(w ?? '')[0] ?? '').join('');
  return text.toUpperCase() || '?';
}

/** A stable small number from a text, for picking one of n tints. */
export function pick(text: string, n: number): number {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return sum % n;
}

/**
 * Where a person's picture is had on our own origin; null where it is elsewhere: no third party learns whom one looks at.
 * The host that was stored does not count, so that a workspace reached by another name shows it, too.
 */
export function ownPicture(url: string | null | undefined): string | null {
  const hit = /^https?:\/\/[^/?#]+(\/api\/v1\/contacts\/[\w-]+\/avatar(?:\?v=\w+)?)$/.exec(url ?? '');
  return hit?.[1] ?? null;
}
