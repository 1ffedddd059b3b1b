import type { Board, Order, Status } from './data';

/** Who may read a board, in plain words; the most private first. */
export const visibilities: { id: Board['visibility']; label: string; hint: string }[] = [
  { id: 'private', label: 'Only your team', hint: 'Nobody outside sees that it exists.' },
  {
    id: 'contacts',
    label: 'Contacts who sign in',
    hint: 'People who prove their address or come from your app. Search engines see nothing.',
  },
  { id: 'public', label: 'Everybody', hint: 'Anyone with the address, search engines included.' },
];

export const visibilityLabel = (id: Board['visibility']): string =>
  visibilities.find((v) => v.id === id)?.label ?? id;

export const orders: { id: Order; label: string }[] = [
  { id: 'trending', label: 'Trending' },
  { id: 'top', label: 'Most votes' },
  { id: 'new', label: 'Newest' },
  { id: 'weight', label: 'Most weight' },
];

/** Whether votes on a board weigh more than one each. */
export const weighs = ({ weight }: Pick<Board, 'weight'>): boolean =>
  weight.by !== 'votes' || weight.importance;

/** The orders that a board offers; by weight to who may know it. */
export const ordersOf = (board: Pick<Board, 'weight'>, mayWeigh: boolean) =>
  orders.filter((o) => o.id !== 'weight' || (mayWeigh && weighs(board)));

/** A weight, short. */
export const weightText = (n: number): string => n.toLocaleString('en', { maximumFractionDigits: 1 });

export const kindLabels: Record<Status['kind'], string> = {
  open: 'Open',
  planned: 'Planned',
  started: 'Started',
  done: 'Done',
  declined: 'Declined',
};

export const importanceLabels = {
  nice: 'Nice to have',
  important: 'Important',
  essential: 'Essential',
} as const;

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/** A day such as 2026-12-31 as people say it. */
export const dayText = (day: string): string =>
  new Date(`${day}T12:00:00`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });

/** The address that a board gets from its name, as the server makes it. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[\s\p{P}]+/gu, '-')
    .replaceAll(/[^a-z0-9-]/g, '')
    .replaceAll(/-+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 59);
}
