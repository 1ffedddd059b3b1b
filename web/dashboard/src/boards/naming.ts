import type { Comment } from './data';

/** Somebody whom a text can name. */
export interface Named {
  id: string;
  name: string;
  isTeam: boolean;
}

const token = /@\[((?:con|opr)_[0-9a-z]{26})\]/g;

/** A comment's Markdown with those whom the team names by the names of today. Others' words name nobody. */
export function readable(c: Pick<Comment, 'body' | 'mentions' | 'author'>): string {
  if (c.author.type === 'contact') return c.body;
  return c.body.replaceAll(token, (_, id: string) => {
    const name = c.mentions.find((m) => m.id === id)?.name || 'somebody';
    return `**@${name.replaceAll(/[!-/:-@[-`{-~]/g, '\\$&')}**`;
  });
}

/** A text as it is written: with names. Which name means whom stands in the book. */
export function toDraft(c: Pick<Comment, 'body' | 'mentions' | 'author'>, book: Map<string, string>): string {
  if (c.author.type === 'contact') return c.body;
  return c.body.replaceAll(token, (whole, id: string) => {
    const name = c.mentions.find((m) => m.id === id)?.name;
    return name ? `@${enter(book, name, id)}` : whole;
  });
}

/** A text as it is kept: with ids. */
export function toBody(text: string, book: Map<string, string>): string {
  const names = [...book.keys()].sort((a, b) => b.length - a.length);
  return names.reduce((now, name) => now.replaceAll(`@${name}`, `@[${book.get(name)}]`), text);
}

/** Notes whom a name means, and gives the name: with a number where two people share one. */
export function enter(book: Map<string, string>, name: string, id: string): string {
  for (let n = 1; ; n++) {
    const one = n === 1 ? name : `${name} ${n}`;
    if ((book.get(one) ?? id) !== id) continue;
    book.set(one, id);
    return one;
  }
}

/** The name that is being typed before the caret, after an @ at the start of a word; null if none is. */
export function typing(text: string, caret: number): { from: number; query: string } | null {
  const found = /(?:^|[\s(])@([^\s@[\]]{0,30})$/.exec(text.slice(0, caret));
  return found ? { from: caret - (found[1]?.length ?? 0) - 1, query: found[1] ?? '' } : null;
}

/** Those of some people of whose name a word begins with what is typed. */
export function matching(people: Named[], query: string): Named[] {
  const q = query.toLowerCase();
  return people.filter((p) =>
    p.name
      .toLowerCase()
      .split(/\s+/)
      .some((word) => word.startsWith(q)),
  );
}
