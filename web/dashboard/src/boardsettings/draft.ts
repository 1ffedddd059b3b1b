import type { Board, BoardChange, Status } from '../boards/data';

/** A status while it is edited. `id` stays the same while its name and key do not. */
export interface DraftStatus extends Status {
  id: string;
  isNew: boolean;
}

/** A category while it is edited. One without a key is new. */
export interface DraftCategory {
  id: string;
  isNew: boolean;
  key: string;
  name: string;
  color: string;
}

/** What votes weigh, while it is edited: numbers as they are typed. */
export interface DraftWeight {
  by: Board['weight']['by'];
  attribute: string;
  segments: { id: string; segment_id: string; weight: string }[];
  default: string;
  importance: boolean;
}

/** What of a board is set on one form, as it is being written. */
export interface Draft {
  name: string;
  slug: string;
  intro: string;
  color: string;
  css: string;
  language: string;
  visibility: Board['visibility'];
  segment_id: string;
  indexable: boolean;
  domain: string;
  posting: Board['posting'];
  approval: boolean;
  anonymous_votes: boolean;
  on_erasure: Board['on_erasure'];
  statuses: DraftStatus[];
  categories: DraftCategory[];
  weight: DraftWeight;
}

export type Field = keyof Draft;

/** What each field is called when the screen speaks of it. */
export const fieldNames: Record<Field, string> = {
  name: 'name',
  slug: 'address',
  intro: 'introduction',
  color: 'colour',
  css: 'own style',
  language: 'language',
  visibility: 'who may read it',
  segment_id: 'segment',
  indexable: 'search engines',
  domain: 'own domain',
  posting: 'who may write',
  approval: 'approval',
  anonymous_votes: 'votes without signing in',
  on_erasure: 'erasure',
  statuses: 'statuses',
  categories: 'categories',
  weight: 'what votes weigh',
};

export function draftOf(b: Board): Draft {
  return {
    name: b.name,
    slug: b.slug,
    intro: b.intro,
    color: b.color,
    css: b.css,
    language: b.language,
    visibility: b.visibility,
    segment_id: b.segment_id ?? '',
    indexable: b.indexable,
    domain: b.domain ?? '',
    posting: b.posting,
    approval: b.approval,
    anonymous_votes: b.anonymous_votes,
    on_erasure: b.on_erasure,
    statuses: b.statuses.map((s) => ({ ...s, id: s.key, isNew: false })),
    categories: b.categories.map(({ key = '', name, color = b.color }) => ({
      id: key || name,
      isNew: false,
      key,
      name,
      color,
    })),
    weight: {
      by: b.weight.by,
      attribute: b.weight.attribute,
      segments: b.weight.segments.map((s) => ({
        id: s.segment_id,
        segment_id: s.segment_id,
        weight: String(s.weight),
      })),
      default: String(b.weight.default),
      importance: b.weight.importance,
    },
  };
}

const bare = (all: DraftStatus[]): Status[] =>
  all.map(({ key, name, color, kind }) => ({ key, name: name.trim(), color, kind }));

const bareCategories = (all: DraftCategory[]): Board['categories'] =>
  all.map(({ key, name, color }) => ({ ...(key && { key }), name: name.trim(), color }));

/** What is not a number is sent as one that no weight can be, so that the server says so at its field. */
const numberOf = (text: string): number => (/^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : -1);

/** The rule, without what its kind has no use for. */
function ruleOf({ by, attribute, segments, default: rest, importance }: DraftWeight) {
  if (by === 'attribute') return { by, attribute, importance };
  if (by === 'votes') return { by, importance };
  return {
    by,
    segments: segments.map((s) => ({ segment_id: s.segment_id, weight: numberOf(s.weight) })),
    default: numberOf(rest),
    importance,
  };
}

/** A field as it is sent. */
function sent(draft: Draft, field: Field): unknown {
  if (field === 'statuses') return bare(draft.statuses);
  if (field === 'categories') return bareCategories(draft.categories);
  if (field === 'weight') return ruleOf(draft.weight);
  return draft[field];
}

/** The fields in which a draft differs from the board. */
export function changed(board: Board, draft: Draft): Field[] {
  const was = draftOf(board);
  return (Object.keys(was) as Field[]).filter(
    (f) => JSON.stringify(sent(was, f)) !== JSON.stringify(sent(draft, f)),
  );
}

/** What is sent: only what differs, so that a colleague's change elsewhere stays. */
export function changeOf(board: Board, draft: Draft): BoardChange {
  const fields = new Set(changed(board, draft));
  const out: Record<string, unknown> = {};
  for (const f of fields) out[f] = sent(draft, f);
  if (draft.visibility !== 'segment') {
    delete out['segment_id'];
    if (board.segment_id) out['segment_id'] = '';
  }
  return out as BoardChange;
}

/** The draft on a newer version of the board: what was changed here stays, everything else is as it is there now. */
export function onto(newer: Board, older: Board, draft: Draft): Draft {
  const mine = Object.fromEntries(changed(older, draft).map((f) => [f, draft[f]]));
  return { ...draftOf(newer), ...mine };
}

/** Fields that both a colleague and this form changed. */
export function both(newer: Board, older: Board, draft: Draft): Field[] {
  const theirs = new Set(changed(older, draftOf(newer)));
  return changed(older, draft).filter((f) => theirs.has(f));
}

/** A key for a new status, from its name, that no other has. */
export function keyFor(name: string, others: readonly string[]): string {
  const base =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 36) || 'status';
  let key = base;
  for (let n = 2; others.includes(key); n++) key = `${base}_${n}`;
  return key;
}
