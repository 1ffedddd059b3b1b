/** Which companies come first. */
export type Sort = 'newest' | 'name' | 'people' | 'last_active';

export const sorts: { id: Sort; label: string }[] = [
  { id: 'newest', label: 'Newest first' },
  { id: 'name', label: 'By name' },
  { id: 'people', label: 'Most people first' },
  { id: 'last_active', label: 'Last active first' },
];

export const isSort = (value: unknown): value is Sort => sorts.some((s) => s.id === value);
