import type { MessageType } from '../api/types';

/** What is being written and not yet sent. Kept in memory only: a draft is about a person, and the browser's storage is no place for that. */
export interface Draft {
  tab: MessageType;
  reply: string;
  note: string;
}

const drafts = new Map<string, Draft>();

export function draftOf(conversationId: string): Draft {
  return drafts.get(conversationId) ?? { tab: 'reply', reply: '', note: '' };
}

export function keepDraft(conversationId: string, draft: Draft): void {
  if (draft.reply || draft.note || draft.tab === 'note') drafts.set(conversationId, draft);
  else drafts.delete(conversationId);
}
