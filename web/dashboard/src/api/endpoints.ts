import { type Answer, call } from './client';
import type {
  AccessEvent,
  ApiKey,
  AuditEvent,
  Basis,
  CatalogueField,
  Checkpoint,
  Consent,
  Contact,
  Conversation,
  ConversationCounts,
  ErasureReceipt,
  Message,
  MessageType,
  Operator,
  Page,
  Purpose,
  Role,
  SearchHit,
  Session,
  Workspace,
  WorkspaceSettings,
} from './types';

type Signal = AbortSignal | undefined;
type Cursor = string | undefined;

const body = async <T>(answer: Promise<Answer<T>>): Promise<T> => (await answer).data;
const get = <T>(path: string, query?: Record<string, string | number | undefined>, signal?: Signal) =>
  body(call<T>('GET', path, { query, signal }));
const newKey = () => crypto.randomUUID();

export interface ConversationQuery {
  state?: string;
  assignee_id?: string;
  contact_id?: string;
  tag?: string;
}

export type ConversationPatch = Partial<
  Pick<Conversation, 'state' | 'priority' | 'assignee_id' | 'tags' | 'snoozed_until'>
>;

export type ContactPatch = Partial<
  Pick<
    Contact,
    'name' | 'first_name' | 'last_name' | 'email' | 'phone' | 'external_id' | 'locale' | 'timezone'
  >
> & { attributes?: Record<string, unknown>; basis?: Basis };

export const api = {
  setupNeeded: (signal?: Signal) => get<{ needed: boolean }>('/setup', undefined, signal),
  setUp: (input: { token: string; workspace: string; name: string; email: string; password: string }) =>
    body(call<Session>('POST', '/setup', { body: input })),

  session: (signal?: Signal) => get<Session>('/session', undefined, signal),
  signIn: (input: { email: string; password: string; workspace_id?: string }) =>
    body(call<Session>('POST', '/session', { body: input })),
  switchWorkspace: (workspaceId: string) =>
    body(call<Session>('PATCH', '/session', { body: { workspace_id: workspaceId } })),
  signOut: () => body(call<void>('DELETE', '/session')),

  workspace: (signal?: Signal) => call<Workspace>('GET', '/workspace', { signal }),
  updateWorkspace: (patch: { name?: string; settings?: Partial<WorkspaceSettings> }, etag: string | null) =>
    call<Workspace>('PATCH', '/workspace', { body: patch, ifMatch: etag }),

  operators: (signal?: Signal) => get<Page<Operator>>('/operators', { limit: 100 }, signal),
  addOperator: (input: { name: string; email: string; role: Role; password: string }) =>
    body(call<Operator>('POST', '/operators', { body: input, idempotencyKey: newKey() })),
  changeRole: (id: string, role: Role) =>
    body(call<Operator>('PATCH', `/operators/${id}`, { body: { role } })),
  removeOperator: (id: string) => body(call<void>('DELETE', `/operators/${id}`)),

  apiKeys: (signal?: Signal) => get<Page<ApiKey>>('/api-keys', { limit: 100 }, signal),
  createApiKey: (input: { name: string; scopes: string[] }) =>
    body(call<ApiKey & { secret: string }>('POST', '/api-keys', { body: input })),
  revokeApiKey: (id: string) => body(call<void>('DELETE', `/api-keys/${id}`)),

  conversations: (query: ConversationQuery, cursor: Cursor, signal?: Signal) =>
    get<Page<Conversation>>('/conversations', { ...query, cursor, limit: 50 }, signal),
  counts: (signal?: Signal) => get<ConversationCounts>('/conversations/counts', undefined, signal),
  conversation: (id: string, signal?: Signal) => get<Conversation>(`/conversations/${id}`, undefined, signal),
  patchConversation: (id: string, patch: ConversationPatch) =>
    body(call<Conversation>('PATCH', `/conversations/${id}`, { body: wirePatch(patch) })),
  startConversation: (input: { contact_id: string; body: string; subject?: string }) =>
    body(call<Conversation>('POST', '/conversations', { body: input, idempotencyKey: newKey() })),
  messages: (id: string, cursor: Cursor, signal?: Signal) =>
    get<Page<Message>>(`/conversations/${id}/messages`, { cursor, limit: 50 }, signal),
  send: (id: string, input: { body: string; type: MessageType; client_id: string }) =>
    body(call<Message>('POST', `/conversations/${id}/messages`, { body: input })),
  markRead: (id: string) => body(call<void>('POST', `/conversations/${id}/read`)),
  typing: (id: string) => body(call<void>('POST', `/conversations/${id}/typing`)),

  search: (q: string, signal?: Signal) =>
    body(call<Page<SearchHit>>('POST', '/search', { body: { q }, signal })),

  contacts: (cursor: Cursor, signal?: Signal) =>
    get<Page<Contact>>('/contacts', { cursor, limit: 50 }, signal),
  searchContacts: (q: string, cursor: Cursor, signal?: Signal, limit = 50) =>
    body(call<Page<Contact>>('POST', '/contacts/search', { query: { cursor, limit }, body: { q }, signal })),
  contact: (id: string, signal?: Signal) => call<Contact>('GET', `/contacts/${id}`, { signal }),
  createContact: (input: ContactPatch) =>
    body(call<Contact>('POST', '/contacts', { body: input, idempotencyKey: newKey() })),
  patchContact: (id: string, patch: ContactPatch, etag: string | null) =>
    call<Contact>('PATCH', `/contacts/${id}`, { body: patch, ifMatch: etag }),
  binContact: (id: string) => body(call<void>('DELETE', `/contacts/${id}`)),
  restoreContact: (id: string) => body(call<Contact>('POST', `/contacts/${id}/restore`)),
  eraseContact: (id: string) =>
    body(call<ErasureReceipt>('DELETE', `/contacts/${id}`, { query: { erase: true } })),
  consents: (id: string, signal?: Signal) =>
    get<Page<Consent>>(`/contacts/${id}/consents`, undefined, signal),
  accessEvents: (contactId: string, cursor: Cursor, signal?: Signal) =>
    get<Page<AccessEvent>>('/access-events', { contact_id: contactId, cursor, limit: 25 }, signal),

  purposes: (signal?: Signal) => get<Page<Purpose>>('/privacy/purposes', undefined, signal),
  catalogue: (signal?: Signal) => get<Page<CatalogueField>>('/privacy/catalogue', undefined, signal),
  auditEvents: (cursor: Cursor, signal?: Signal) =>
    get<Page<AuditEvent>>('/audit-events', { cursor, limit: 50 }, signal),
  checkpoint: (signal?: Signal) => get<Checkpoint>('/audit/checkpoint', undefined, signal),
};

/** A change as the server reads it: "" is nobody, and what is absent stays. */
function wirePatch(patch: ConversationPatch) {
  const { assignee_id, snoozed_until, ...rest } = patch;
  return {
    ...rest,
    ...(assignee_id !== undefined && { assignee_id: assignee_id ?? '' }),
    ...(snoozed_until && { snoozed_until }),
  };
}
