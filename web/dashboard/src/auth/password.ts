/** What to say about a new password, from 0 (too short) to 3 (strong). Length counts most, as NIST SP 800-63B advises. */
export interface Strength {
  level: 0 | 1 | 2 | 3;
  hint: string;
}

/** The server refuses shorter ones. */
export const passwordMinimum = 12;

export function strength(password: string, known: string[] = []): Strength {
  const left = passwordMinimum - Array.from(password).length;
  if (left > 0)
    return { level: 0, hint: password ? `${left} more ${left === 1 ? 'character' : 'characters'}.` : '' };
  const lower = password.toLowerCase();
  const hasKnown = known.some((w) => w.length > 3 && lower.includes(w.toLowerCase()));
  if (hasKnown) return { level: 1, hint: 'Easy to guess: it contains your name or address.' };
  const distinct = new Set(lower).size;
  if (distinct < 6) return { level: 1, hint: 'Easy to guess: it repeats itself.' };
  if (password.length >= 20 || (password.length >= 15 && distinct >= 10))
    return { level: 3, hint: 'Strong.' };
  return { level: 2, hint: 'Good. A few words in a row are stronger still.' };
}
