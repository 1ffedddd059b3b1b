import { describe, expect, it } from 'vitest';
import { message } from '../testing';
import { continues, inTurn, type Outgoing, type ThreadItem, threadItems } from './outbox';

const outgoing = (clientId: string): Outgoing => ({
  clientId,
  conversationId: 'c1',
  type: 'reply',
  body: 'Hi',
  author: { type: 'operator', id: 'opr_1', name: 'Nora' },
  createdAt: '2026-11-24T10:05:00Z',
  state: 'sending',
  problem: null,
  isPassing: false,
});

describe('threadItems', () => {
  it('shows stored messages oldest first, then what is on its way', () => {
    const items = threadItems(
      [message('m2', '2026-11-24T10:02:00Z'), message('m1', '2026-11-24T10:01:00Z')],
      [outgoing('x')],
    );
    expect(items.map((i) => i.key)).toEqual(['m1', 'm2', 'x']);
  });

  it('hides the outgoing twin of a message that has arrived, and keeps its key', () => {
    const items = threadItems(
      [message('m1', '2026-11-24T10:05:01Z', { client_id: 'x' })],
      [outgoing('x'), outgoing('y')],
    );
    expect(items.map((i) => [i.kind, i.key])).toEqual([
      ['stored', 'x'],
      ['outgoing', 'y'],
    ]);
  });
});

describe('continues', () => {
  const item = (iso: string, over = {}): ThreadItem => ({
    kind: 'stored',
    key: iso,
    message: message('m', iso, over),
  });
  const first = item('2026-11-24T10:00:00Z');

  it('groups what one person says in a breath', () => {
    expect(continues(first, item('2026-11-24T10:04:00Z'))).toBe(true);
    expect(continues(first, item('2026-11-24T10:06:00Z'))).toBe(false);
    expect(continues(undefined, first)).toBe(false);
  });

  it('parts other people, and notes from replies', () => {
    expect(
      continues(first, item('2026-11-24T10:01:00Z', { author: { type: 'operator', id: 'o', name: 'N' } })),
    ).toBe(false);
    expect(continues(first, item('2026-11-24T10:01:00Z', { type: 'note' }))).toBe(false);
  });
});

describe('inTurn', () => {
  it('does the jobs of a conversation in order, also past one that fails, and holds up no other', async () => {
    const done: string[] = [];
    let release = () => {};
    const slow = inTurn('c1', async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      done.push('first');
      throw new Error('refused');
    });
    const next = inTurn('c1', async () => void done.push('second'));
    await inTurn('c2', async () => void done.push('elsewhere'));
    expect(done).toEqual(['elsewhere']);
    release();
    await expect(slow).rejects.toThrow('refused');
    await next;
    expect(done).toEqual(['elsewhere', 'first', 'second']);
  });
});
