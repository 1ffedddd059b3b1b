import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemory } from '../src/panel/core/memory.ts';

const draft = (client_id: string, at: string) => ({ client_id, thread: 'new:x', body: 'b', at });

beforeEach(() => localStorage.clear());

describe('what stays in the browser', () => {
  it('is nothing until something is to be kept', () => {
    const memory = createMemory('wk_1');
    memory.amend({ contact: 'con_1' });
    memory.saved();
    memory.drafts();
    memory.sweep();
    expect(localStorage.length).toBe(0);
    memory.keep({ token: 't' });
    memory.amend({ contact: 'con_1' });
    expect(memory.saved()).toEqual({ token: 't', contact: 'con_1' });
  });

  it('belongs to one workspace, and clear takes all of it', () => {
    const one = createMemory('wk_1');
    const other = createMemory('wk_12');
    localStorage.setItem('page', 'own');
    for (const memory of [one, other]) {
      memory.keep({ token: 't' });
      memory.saveDraft(draft('a', '1'));
      memory.became('new:x', 'cnv_1');
    }
    one.clear();
    expect(one.saved()).toBeUndefined();
    expect(one.drafts()).toEqual([]);
    expect(one.became('new:x')).toBeUndefined();
    expect(other.saved()).toEqual({ token: 't' });
    expect(other.drafts()).toHaveLength(1);
    expect(localStorage.getItem('page')).toBe('own');
  });

  it('gives drafts in the order they were written', () => {
    const memory = createMemory('wk_1');
    memory.saveDraft(draft('b', '2'));
    memory.saveDraft(draft('a', '3'));
    memory.saveDraft(draft('c', '1'));
    expect(memory.drafts().map(({ client_id }) => client_id)).toEqual(['c', 'b', 'a']);
  });

  it('sweeps names of threads only when nothing waits', () => {
    const memory = createMemory('wk_1');
    memory.became('new:x', 'cnv_1');
    memory.saveDraft(draft('a', '1'));
    memory.sweep();
    expect(memory.became('new:x')).toBe('cnv_1');
    memory.dropDraft('a');
    memory.sweep();
    expect(memory.became('new:x')).toBeUndefined();
  });

  it('holds on to a message where the box is full', () => {
    const memory = createMemory('wk_1');
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    memory.saveDraft(draft('a', '1'));
    expect(memory.drafts()).toHaveLength(1);
    memory.dropDraft('a');
    expect(memory.drafts()).toEqual([]);
  });

  it('takes a damaged entry for none', () => {
    localStorage.setItem('botimum:wk_1', '{');
    expect(createMemory('wk_1').saved()).toBeUndefined();
  });
});
