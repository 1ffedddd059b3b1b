/** A run of plain text, or an address that may be followed. */
export interface Piece {
  text: string;
  href?: string;
}

/** Up to the full stop of the sentence, or to a bracket, which may have been opened before the address. */
const ADDRESS = /\b(https?:\/\/|www\.)[^\s<>"'`()[\]{}|\\^]*[^\s<>"'`()[\]{}|\\^.,;:!?…]/gi;

/**
 * Finds the web addresses in a message. Only http and https ever become links, so no `javascript:` or `data:`
 * address can; joining the texts gives back the message unchanged.
 */
export function linkify(message: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: text, 1: scheme, index } of message.matchAll(ADDRESS)) {
    const href = /^w/i.test(scheme ?? '') ? `https://${text}` : text;
    pieces.push({ text: message.slice(from, index) }, { text, href });
    from = index + text.length;
  }
  return [...pieces, { text: message.slice(from) }];
}
