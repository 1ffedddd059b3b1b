import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from './server.ts';

/**
 * Looks for words in the raw bytes of everything that the server keeps (databases, their logs, the vault, files) and of
 * all that it printed, whatever the case, in UTF-8 and UTF-16. Gives "file: word" for each that stands there in the open.
 */
export function leaks(server: Server, words: string[]): string[] {
  const places: [string, Buffer][] = filesIn(server.data).map((file) => [file, readFileSync(file)]);
  places.push(['standard output', Buffer.from(server.output)], ['standard error', Buffer.from(server.log)]);
  return places.flatMap(([name, bytes]) => {
    // Latin-1 gives a character for each byte, so that lower case is that of ASCII and nothing is lost.
    const text = bytes.toString('latin1').toLowerCase();
    return words.filter((word) => holds(text, word.toLowerCase())).map((word) => `${name}: ${word}`);
  });
}

function holds(text: string, word: string): boolean {
  return (['utf8', 'utf16le'] as const).some((encoding) =>
    text.includes(Buffer.from(word, encoding).toString('latin1').toLowerCase()),
  );
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}
