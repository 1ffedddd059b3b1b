import { en, type Words } from './en.ts';

/** Every language but English is a file of its own, fetched by those who read it. */
const OTHERS: Record<string, () => Promise<{ default: Words }>> = {
  ar: () => import('./ar.ts'),
  de: () => import('./de.ts'),
  es: () => import('./es.ts'),
  fr: () => import('./fr.ts'),
  pl: () => import('./pl.ts'),
};

/** The language for a BCP 47 tag: its own where we speak it, else English. */
export async function language(tag: string): Promise<{ locale: string; words: Words }> {
  try {
    // Throws on a malformed tag, as formatting would; a page may have one.
    const { language, baseName } = new Intl.Locale(tag.replace(/_/g, '-'));
    const words = (await OTHERS[language]?.())?.default;
    if (words || language === 'en') return { locale: baseName, words: words ?? en };
  } catch {
    // A tag that is none, or a file that did not arrive: English serves.
  }
  return { locale: 'en', words: en };
}

/** Puts values into a sentence, at `{name}`. */
export function fill(words: string, values: Record<string, string | number>): string {
  return words.replace(/{(\w+)}/g, (_, name) => String(values[name]));
}
