/** The part of Markdown that posts are written in, read into a tree. */
export type Inline =
  | string
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'em' | 'strike'; inner: Inline[] }
  | { kind: 'link'; href: string; inner: Inline[] }
  | { kind: 'break' };

export type Block =
  | { kind: 'text' | 'heading'; text: Inline[] }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'code'; text: string }
  | { kind: 'list'; isOrdered: boolean; items: Block[][] }
  | { kind: 'rule' };

const deepest = 8;

/** Reads a text. Anything can be read: what is no Markdown is text. */
export function parse(text: string): Block[] {
  return blocks(text.replaceAll('\r\n', '\n').replaceAll('\t', '    ').split('\n'), 0);
}

const fence = /^ {0,3}(```|~~~)/;
const heading = /^ {0,3}#{1,6} +(.*?)(?: +#+)? *$/;
const rule = /^ {0,3}([-*_])(?: *\1){2,} *$/;
const bullet = /^( {0,3})([-*+]|\d{1,9}[.)]) +(\S.*)$/;
const quote = /^ {0,3}> ?/;

function blocks(lines: string[], depth: number): Block[] {
  const out: Block[] = [];
  let paragraph: string[] = [];
  const close = () => {
    if (paragraph.length) out.push({ kind: 'text', text: inlines(paragraph.join('\n'), 0) });
    paragraph = [];
  };
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? '';
    const read = depth < deepest ? special(lines, i, depth) : null;
    if (read) {
      close();
      out.push(read.block);
      i = read.next;
      continue;
    }
    if (line.trim()) paragraph.push(line.trim() + (/ {2,}$/.test(line) ? '  ' : ''));
    else close();
    i++;
  }
  close();
  return out;
}

/** A block other than a paragraph that starts at a line, and where it ends. */
function special(lines: string[], at: number, depth: number): { block: Block; next: number } | null {
  const line = lines[at] ?? '';
  const open = fence.exec(line)?.[1];
  if (open) {
    let end = at + 1;
    while (end < lines.length && !(lines[end] ?? '').trim().startsWith(open)) end++;
    return { block: { kind: 'code', text: lines.slice(at + 1, end).join('\n') }, next: end + 1 };
  }
  if (rule.test(line)) return { block: { kind: 'rule' }, next: at + 1 };
  const title = heading.exec(line);
  if (title) return { block: { kind: 'heading', text: inlines(title[1] ?? '', 0) }, next: at + 1 };
  if (quote.test(line)) {
    let end = at;
    while (end < lines.length && quote.test(lines[end] ?? '')) end++;
    const inner = lines.slice(at, end).map((l) => l.replace(quote, ''));
    return { block: { kind: 'quote', blocks: blocks(inner, depth + 1) }, next: end };
  }
  return bullet.test(line) ? list(lines, at, depth) : null;
}

function list(lines: string[], at: number, depth: number): { block: Block; next: number } {
  const isOrdered = /\d/.test(bullet.exec(lines[at] ?? '')?.[2] ?? '');
  const items: string[][] = [];
  let i = at;
  for (; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const item = bullet.exec(line);
    if (item && /\d/.test(item[2] ?? '') === isOrdered && !rule.test(line)) items.push([item[3] ?? '']);
    else if (/^ {2,}\S/.test(line)) items.at(-1)?.push(line.replace(/^ {2,4}/, ''));
    else if (line.trim() || !/^ {2,}\S|^ {0,3}([-*+]|\d{1,9}[.)]) /.test(lines[i + 1] ?? '')) break;
  }
  return { block: { kind: 'list', isOrdered, items: items.map((one) => blocks(one, depth + 1)) }, next: i };
}

const marks: { pattern: RegExp; make: (hit: RegExpExecArray, depth: number) => Inline | null }[] = [
  { pattern: /^\\([!-/:-@[-`{-~])/, make: (hit) => hit[1] ?? '' },
  {
    pattern: /^(`+)(?!`)(.+?)(?<!`)\1(?!`)/s,
    make: (hit) => ({ kind: 'code', text: (hit[2] ?? '').trim() }),
  },
  {
    pattern: /^!?\[([^\]\n]*)\]\((\S+?)(?: +"[^"]*")?\)/,
    make: (hit, depth) => link(hit[2] ?? '', inlines(hit[1] ?? '', depth)),
  },
  {
    pattern: /^<?(https?:\/\/[^\s<>]*[^\s<>.,:;"')\]!?])>?/,
    make: (hit) => link(hit[1] ?? '', [hit[1] ?? '']),
  },
  { pattern: /^(\*\*|__)(?=\S)(.+?\S?)\1/s, make: (hit, depth) => wrap('strong', hit[2], depth) },
  { pattern: /^~~(?=\S)(.+?)~~/s, make: (hit, depth) => wrap('strike', hit[1], depth) },
  {
    pattern: /^([*_])(?=\S)((?:(?!\1).)+?)(?<=\S)\1(?!\w)/s,
    make: (hit, depth) => wrap('em', hit[2], depth),
  },
  { pattern: /^ {2,}\n/, make: () => ({ kind: 'break' }) },
  { pattern: /^\n/, make: () => ({ kind: 'break' }) },
];

const wrap = (kind: 'strong' | 'em' | 'strike', text: string | undefined, depth: number): Inline => ({
  kind,
  inner: inlines(text ?? '', depth),
});

/** Only addresses that lead somewhere; any other is text. */
function link(href: string, inner: Inline[]): Inline | null {
  return /^(https?:\/\/|mailto:)/i.test(href) ? { kind: 'link', href, inner } : null;
}

const longest = 20_000;

function inlines(text: string, depth: number): Inline[] {
  if (depth > deepest || text.length > longest) return [text];
  const out: Inline[] = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const rest =
      /[\\`![<h*_~ \n]/.test(text[at] ?? '') && !(text[at] === 'h' && /\w$/.test(plain))
        ? text.slice(at)
        : '';
    const found = rest && (text[at] !== '_' || !/\w$/.test(plain)) ? first(rest, depth + 1) : null;
    if (!found) {
      plain += text[at];
      at++;
      continue;
    }
    if (typeof found.part === 'string') plain += found.part;
    else {
      if (plain) out.push(plain);
      plain = '';
      out.push(found.part);
    }
    at += found.length;
  }
  if (plain) out.push(plain);
  return out;
}

function first(text: string, depth: number): { part: Inline; length: number } | null {
  for (const { pattern, make } of marks) {
    const hit = pattern.exec(text);
    const part = hit && make(hit, depth);
    if (hit && part !== null) return { part, length: hit[0].length };
  }
  return null;
}
