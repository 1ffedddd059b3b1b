import { expect, test } from 'vitest';
import type { Comment } from './data';
import { threads } from './threads';

test('answers stand three deep, however deep they go', () => {
  const all = Array.from(
    { length: 500 },
    (_, i) => ({ id: `c${i}`, parent_id: i ? `c${i - 1}` : null }) as Comment,
  );
  const deep = threads(all)[0]?.answers[0]?.answers ?? [];
  expect(deep.length).toBe(498);
  expect(deep.every((t) => t.answers.length === 0)).toBe(true);
  expect(deep[0]?.to).toBe(undefined);
  expect(deep[9]?.to?.id).toBe('c10');
});
