import type { ConversationQuery } from './endpoints';

/** The names under which answers are kept in memory. The live stream updates what starts with these. */
export const keys = {
  session: ['session'] as const,
  conversations: ['conversations'] as const,
  conversationList: (query: ConversationQuery) => ['conversations', query] as const,
  counts: ['counts'] as const,
  conversation: (id: string) => ['conversation', id] as const,
  messages: (id: string) => ['messages', id] as const,
  contacts: ['contacts'] as const,
  contactList: (q: string, isBin: boolean) => ['contacts', q, isBin] as const,
  contact: (id: string) => ['contact', id] as const,
  consents: (id: string) => ['consents', id] as const,
  accessEvents: (id: string) => ['access', id] as const,
  account: ['account'] as const,
  ownSessions: ['own-sessions'] as const,
  workspace: ['workspace'] as const,
  operators: ['operators'] as const,
  apiKeys: ['api-keys'] as const,
  purposes: ['purposes'] as const,
  catalogue: ['catalogue'] as const,
  mail: ['mail'] as const,
  mails: ['mails'] as const,
  audit: ['audit'] as const,
  checkpoint: ['checkpoint'] as const,
};
