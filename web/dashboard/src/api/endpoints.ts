import { body, client, versioned } from './client';
import type {
  AttributeChange,
  AttributeDraft,
  ContactChange,
  Conversation,
  ConversationState,
  ErasureReceipt,
  Filter,
  Message,
  MessageType,
  NewBlock,
  NewBlockEntry,
  NewBulkJob,
  Page,
  Purpose,
  PurposeDraft,
  RequestChange,
  RequestKind,
  RetentionDraft,
  Role,
  Segment,
  SettingsPatch,
  WebhookDelivery,
  WebhookEndpoint,
} from './types';

type Signal = AbortSignal | undefined;
type Cursor = string | undefined;

const many = 50;
const byId = (id: string) => ({ path: { id } });
const once = () => ({ headers: { 'Idempotency-Key': crypto.randomUUID() } });

/** What a list of conversations asks for. */
export interface ConversationQuery {
  state?: ConversationState;
  assignee_id?: string;
  contact_id?: string;
  tag?: string;
}

/** What a list of privacy requests asks for. */
export interface RequestQuery {
  open?: boolean;
  kind?: RequestKind;
  contact_id?: string;
  order?: 'newest' | 'due';
}

export type ConversationPatch = Partial<
  Pick<Conversation, 'state' | 'priority' | 'assignee_id' | 'tags' | 'snoozed_until'>
>;

/** What is done with many people, and with whom. */
export type BulkDraft = NewBulkJob;

/** Every call that the dashboard makes but for the stream. */
export const api = {
  setupNeeded: (signal?: Signal) => body(client.GET('/api/v1/setup', { signal })),
  setUp: (input: { token: string; workspace: string; name: string; email: string; password: string }) =>
    body(client.POST('/api/v1/setup', { body: input })),

  session: (signal?: Signal) => body(client.GET('/api/v1/session', { signal })),
  signIn: (input: { email: string; password: string }) =>
    body(client.POST('/api/v1/session', { body: input })),
  switchWorkspace: (id: string) => body(client.PATCH('/api/v1/session', { body: { workspace_id: id } })),
  signOut: () => body(client.DELETE('/api/v1/session')),

  account: (signal?: Signal) => body(client.GET('/api/v1/account', { signal })),
  updateAccount: (patch: {
    name?: string;
    email?: string;
    current_password?: string;
    new_password?: string;
  }) => body(client.PATCH('/api/v1/account', { body: patch })),
  eraseAccount: (password: string) =>
    body(client.DELETE('/api/v1/account', { body: { current_password: password } })),
  ownSessions: (signal?: Signal) =>
    body(client.GET('/api/v1/sessions', { params: { query: { limit: 100 } }, signal })),
  endSession: (id: string) => body(client.DELETE('/api/v1/sessions/{id}', { params: byId(id) })),
  endOtherSessions: () => body(client.DELETE('/api/v1/sessions')),

  workspace: (signal?: Signal) => versioned(client.GET('/api/v1/workspace', { signal })),
  updateWorkspace: (patch: { name?: string; settings?: SettingsPatch }, etag: string | null) =>
    versioned(client.PATCH('/api/v1/workspace', { body: patch, ...ifMatch(etag) })),

  operators: (signal?: Signal) =>
    body(client.GET('/api/v1/operators', { params: { query: { limit: 100 } }, signal })),
  addOperator: (input: { name: string; email: string; role: Role; password: string }) =>
    body(client.POST('/api/v1/operators', { body: input, ...once() })),
  changeRole: (id: string, role: Role) =>
    body(client.PATCH('/api/v1/operators/{id}', { params: byId(id), body: { role } })),
  removeOperator: (id: string) => body(client.DELETE('/api/v1/operators/{id}', { params: byId(id) })),

  apiKeys: (signal?: Signal) =>
    body(client.GET('/api/v1/api-keys', { params: { query: { limit: 100 } }, signal })),
  createApiKey: (input: { name: string; scopes: string[] }) =>
    body(client.POST('/api/v1/api-keys', { body: input })),
  revokeApiKey: (id: string) => body(client.DELETE('/api/v1/api-keys/{id}', { params: byId(id) })),

  webhooks: (signal?: Signal): Promise<Page<WebhookEndpoint>> =>
    body(client.GET('/api/v1/webhook-endpoints', { params: { query: { limit: 100 } }, signal })),
  webhookTypes: (signal?: Signal) => body(client.GET('/api/v1/webhook-event-types', { signal })),
  createWebhook: (input: { url: string; event_types: string[] }) =>
    body(client.POST('/api/v1/webhook-endpoints', { body: input })),
  changeWebhook: (id: string, change: { url?: string; event_types?: string[]; state?: 'on' | 'off' }) =>
    body(client.PATCH('/api/v1/webhook-endpoints/{id}', { params: byId(id), body: change })),
  removeWebhook: (id: string) => body(client.DELETE('/api/v1/webhook-endpoints/{id}', { params: byId(id) })),
  rotateWebhook: (id: string, hours: number) =>
    body(
      client.POST('/api/v1/webhook-endpoints/{id}/secret', {
        params: byId(id),
        body: { overlap_hours: hours },
      }),
    ),
  testWebhook: (id: string) => body(client.POST('/api/v1/webhook-endpoints/{id}/test', { params: byId(id) })),
  webhookDeliveries: (
    query: { endpoint_id?: string; state?: WebhookDelivery['state'] },
    cursor: Cursor,
    signal?: Signal,
  ) =>
    body(
      client.GET('/api/v1/webhook-deliveries', {
        params: { query: { ...query, cursor, limit: 25 } },
        signal,
      }),
    ),
  replayWebhook: (id: string) =>
    body(client.POST('/api/v1/webhook-deliveries/{id}/replay', { params: byId(id) })),

  conversations: (query: ConversationQuery, cursor: Cursor, signal?: Signal) =>
    body(
      client.GET('/api/v1/conversations', { params: { query: { ...query, cursor, limit: many } }, signal }),
    ),
  counts: (signal?: Signal) => body(client.GET('/api/v1/conversations/counts', { signal })),
  conversation: (id: string, signal?: Signal) =>
    body(client.GET('/api/v1/conversations/{id}', { params: byId(id), signal })),
  patchConversation: (id: string, patch: ConversationPatch) =>
    body(client.PATCH('/api/v1/conversations/{id}', { params: byId(id), body: wirePatch(patch) })),
  startConversation: (input: { contact_id: string; body: string }) =>
    body(client.POST('/api/v1/conversations', { body: input, ...once() })),
  messages: (id: string, cursor: Cursor, signal?: Signal) =>
    body(
      client.GET('/api/v1/conversations/{id}/messages', {
        params: { ...byId(id), query: { cursor, limit: many } },
        signal,
      }),
    ),
  send: (id: string, input: { body: string; type: MessageType; client_id: string }) =>
    body(client.POST('/api/v1/conversations/{id}/messages', { params: byId(id), body: input })),
  redact: (id: string, messageId: string, whole: boolean): Promise<Message> =>
    body(
      client.POST('/api/v1/conversations/{id}/messages/{message_id}/redact', {
        params: { path: { id, message_id: messageId } },
        body: whole ? { whole } : {},
      }),
    ),
  markRead: (id: string) => body(client.POST('/api/v1/conversations/{id}/read', { params: byId(id) })),
  typing: (id: string) => body(client.POST('/api/v1/conversations/{id}/typing', { params: byId(id) })),

  search: (q: string, signal?: Signal) => body(client.POST('/api/v1/search', { body: { q }, signal })),

  contacts: (bin: boolean, cursor: Cursor, signal?: Signal) =>
    body(
      client.GET('/api/v1/contacts', {
        params: { query: { ...(bin && { bin }), cursor, limit: many } },
        signal,
      }),
    ),
  searchContacts: (q: string, cursor: Cursor, signal?: Signal, limit = many) =>
    body(
      client.POST('/api/v1/contacts/search', { params: { query: { cursor, limit } }, body: { q }, signal }),
    ),
  segments: async (signal?: Signal) => {
    const all: Segment[] = [];
    let cursor: Cursor;
    do {
      const page = await body(
        client.GET('/api/v1/segments', { params: { query: { cursor, limit: 100 } }, signal }),
      );
      all.push(...page.data);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return all;
  },
  segment: (id: string, signal?: Signal) =>
    versioned(client.GET('/api/v1/segments/{id}', { params: byId(id), signal })),
  segmentFields: (signal?: Signal) => body(client.GET('/api/v1/segments/fields', { signal })),
  countSegment: (what: { filter?: Filter; segment_id?: string }, signal?: Signal) =>
    body(client.POST('/api/v1/segments/count', { body: what, signal })),
  createSegment: (input: { name: string; filter: Filter }) =>
    body(client.POST('/api/v1/segments', { body: input, ...once() })),
  changeSegment: (id: string, change: { name?: string; filter?: Filter }, etag: string | null) =>
    versioned(
      client.PATCH('/api/v1/segments/{id}', {
        params: { ...byId(id), header: ifMatch(etag).params.header },
        body: change,
      }),
    ),
  removeSegment: (id: string) => body(client.DELETE('/api/v1/segments/{id}', { params: byId(id) })),
  filterContacts: (filter: Filter, cursor: Cursor, signal?: Signal, limit = many) =>
    body(
      client.POST('/api/v1/contacts/search', {
        params: { query: { cursor, limit } },
        body: { filter },
        signal,
      }),
    ),
  contact: (id: string, signal?: Signal) =>
    versioned(client.GET('/api/v1/contacts/{id}', { params: byId(id), signal })),
  contactsIn: (
    query: {
      bin?: boolean;
      restricted?: boolean;
      blocked?: boolean;
      segment_id?: string;
      sort?: 'newest' | 'last_seen';
    },
    cursor: Cursor,
    signal?: Signal,
  ) => body(client.GET('/api/v1/contacts', { params: { query: { ...query, cursor, limit: many } }, signal })),
  beginBulk: (draft: BulkDraft) => body(client.POST('/api/v1/contacts/bulk', { body: draft, ...once() })),
  bulkJob: (id: string, signal?: Signal) =>
    body(client.GET('/api/v1/bulk-jobs/{id}', { params: byId(id), signal })),
  cancelBulk: (id: string) => body(client.POST('/api/v1/bulk-jobs/{id}/cancel', { params: byId(id) })),
  block: (id: string, how: NewBlock) =>
    body(client.PUT('/api/v1/contacts/{id}/block', { params: byId(id), body: how })),
  unblock: (id: string) => body(client.DELETE('/api/v1/contacts/{id}/block', { params: byId(id) })),
  blocks: (cursor: Cursor, signal?: Signal) =>
    body(client.GET('/api/v1/blocks', { params: { query: { cursor, limit: many } }, signal })),
  blocksOn: (email: string) => body(client.POST('/api/v1/blocks/search', { body: { email } })),
  addBlock: (entry: NewBlockEntry) => body(client.POST('/api/v1/blocks', { body: entry, ...once() })),
  removeBlock: (id: string) => body(client.DELETE('/api/v1/blocks/{id}', { params: byId(id) })),
  companiesLike: (q: string, signal?: Signal) =>
    body(client.POST('/api/v1/companies/search', { body: { q }, params: { query: { limit: 8 } }, signal })),
  contactNotes: (id: string, cursor: Cursor, signal?: Signal) =>
    body(
      client.GET('/api/v1/contacts/{id}/notes', {
        params: { ...byId(id), query: { cursor, limit: 25 } },
        signal,
      }),
    ),
  contactNote: (id: string, note_id: string) =>
    versioned(client.GET('/api/v1/contacts/{id}/notes/{note_id}', { params: { path: { id, note_id } } })),
  addContactNote: (id: string, text: string) =>
    body(client.POST('/api/v1/contacts/{id}/notes', { params: byId(id), body: { body: text }, ...once() })),
  editContactNote: (id: string, note_id: string, text: string, etag: string | null) =>
    body(
      client.PATCH('/api/v1/contacts/{id}/notes/{note_id}', {
        params: { path: { id, note_id }, header: ifMatch(etag).params.header },
        body: { body: text },
      }),
    ),
  removeContactNote: (id: string, note_id: string) =>
    body(client.DELETE('/api/v1/contacts/{id}/notes/{note_id}', { params: { path: { id, note_id } } })),
  contactTags: (signal?: Signal) =>
    body(client.GET('/api/v1/contact-tags', { params: { query: { limit: 100 } }, signal })),
  tagContact: (id: string, tag: string, on: boolean) =>
    on
      ? body(client.PUT('/api/v1/contacts/{id}/tags/{tag}', { params: { path: { id, tag } } }))
      : body(client.DELETE('/api/v1/contacts/{id}/tags/{tag}', { params: { path: { id, tag } } })),
  createContact: (input: ContactChange) => body(client.POST('/api/v1/contacts', { body: input, ...once() })),
  patchContact: (id: string, patch: ContactChange, etag: string | null) =>
    versioned(
      client.PATCH('/api/v1/contacts/{id}', {
        params: { ...byId(id), header: ifMatch(etag).params.header },
        body: patch,
      }),
    ),
  binContact: (id: string) => body(client.DELETE('/api/v1/contacts/{id}', { params: byId(id) })),
  restoreContact: (id: string) => body(client.POST('/api/v1/contacts/{id}/restore', { params: byId(id) })),
  eraseContact: (id: string): Promise<ErasureReceipt> =>
    body(client.DELETE('/api/v1/contacts/{id}', { params: { ...byId(id), query: { erase: true } } })),
  contactDevices: (id: string, signal?: Signal) =>
    body(client.GET('/api/v1/contacts/{id}/devices', { params: byId(id), signal })),
  consents: (id: string, signal?: Signal) =>
    body(client.GET('/api/v1/contacts/{id}/consents', { params: byId(id), signal })),
  grantConsent: (id: string, consent: { purpose: string; version: number; evidence: string }) =>
    body(client.POST('/api/v1/contacts/{id}/consents', { params: byId(id), body: consent })),
  withdrawConsent: (id: string, purpose: string) =>
    body(client.DELETE('/api/v1/contacts/{id}/consents/{purpose}', { params: { path: { id, purpose } } })),
  objections: (id: string, signal?: Signal) =>
    body(client.GET('/api/v1/contacts/{id}/objections', { params: byId(id), signal })),
  object: (id: string, purpose: string) =>
    body(client.POST('/api/v1/contacts/{id}/objections', { params: byId(id), body: { purpose } })),
  withdrawObjection: (id: string, purpose: string) =>
    body(client.DELETE('/api/v1/contacts/{id}/objections/{purpose}', { params: { path: { id, purpose } } })),
  restriction: (id: string, signal?: Signal) =>
    body(client.GET('/api/v1/contacts/{id}/restriction', { params: byId(id), signal })),
  setRestriction: (id: string, restricted: boolean, reason: string) =>
    body(client.PUT('/api/v1/contacts/{id}/restriction', { params: byId(id), body: { restricted, reason } })),
  hold: (id: string, signal?: Signal) =>
    body(client.GET('/api/v1/contacts/{id}/legal-hold', { params: byId(id), signal })),
  setHold: (id: string, reason: string, ends_at: string) =>
    body(client.PUT('/api/v1/contacts/{id}/legal-hold', { params: byId(id), body: { reason, ends_at } })),
  liftHold: (id: string) => body(client.DELETE('/api/v1/contacts/{id}/legal-hold', { params: byId(id) })),
  timeline: (id: string, kinds: string[], cursor: Cursor, signal?: Signal) =>
    body(
      client.GET('/api/v1/contacts/{id}/timeline', {
        params: { ...byId(id), query: { cursor, limit: 25, kinds: kinds.length ? kinds : undefined } },
        querySerializer: { array: { style: 'form', explode: false } },
        signal,
      }),
    ),
  contactChanges: (id: string, cursor: Cursor, signal?: Signal) =>
    body(
      client.GET('/api/v1/contacts/{id}/changes', {
        params: { ...byId(id), query: { cursor, limit: 10 } },
        signal,
      }),
    ),
  accessEvents: (contactId: string, cursor: Cursor, signal?: Signal) =>
    body(
      client.GET('/api/v1/access-events', {
        params: { query: { contact_id: contactId, cursor, limit: 25 } },
        signal,
      }),
    ),

  attributes: (signal?: Signal) => body(client.GET('/api/v1/attributes', { signal })),
  declareAttribute: (input: AttributeDraft) =>
    body(client.POST('/api/v1/attributes', { body: input, ...once() })),
  changeAttribute: (key: string, change: AttributeChange) =>
    body(client.PATCH('/api/v1/attributes/{key}', { params: { path: { key } }, body: change })),
  removeAttribute: (key: string) =>
    body(client.DELETE('/api/v1/attributes/{key}', { params: { path: { key } } })),

  identitySecret: () => body(client.GET('/api/v1/workspace/identity-secret')),
  replaceIdentitySecret: () => body(client.POST('/api/v1/workspace/identity-secret')),

  mail: (signal?: Signal) => body(client.GET('/api/v1/mail', { signal })),
  mails: (cursor: Cursor, signal?: Signal) =>
    body(client.GET('/api/v1/mails', { params: { query: { cursor, limit: 25 } }, signal })),
  retryMail: (id: string) => body(client.POST('/api/v1/mails/{id}/retry', { params: byId(id) })),
  testMail: () => body(client.POST('/api/v1/mail/test', once())),
  requests: (query: RequestQuery, cursor: Cursor, signal?: Signal) =>
    body(
      client.GET('/api/v1/privacy/requests', {
        params: { query: { ...query, cursor, limit: many } },
        signal,
      }),
    ),
  request: (id: string, signal?: Signal) =>
    body(client.GET('/api/v1/privacy/requests/{id}', { params: byId(id), signal })),
  fileRequest: (input: {
    contact_id: string;
    kind: RequestKind;
    note?: string;
    purpose?: string;
    changes?: Record<string, string>;
    verified: boolean;
  }) => body(client.POST('/api/v1/privacy/requests', { body: input, ...once() })),
  extendRequest: (id: string, extension: { days?: number; until?: string; reason: string }) =>
    body(client.POST('/api/v1/privacy/requests/{id}/extension', { params: byId(id), body: extension })),
  changeRequest: (id: string, change: RequestChange) =>
    body(client.PATCH('/api/v1/privacy/requests/{id}', { params: byId(id), body: change })),

  setPurpose: (purpose: PurposeDraft) =>
    body(client.POST('/api/v1/privacy/purposes', { body: purpose as Purpose })), // the server numbers it
  purposes: (signal?: Signal) => body(client.GET('/api/v1/privacy/purposes', { signal })),
  retention: (signal?: Signal) => versioned(client.GET('/api/v1/privacy/retention', { signal })),
  setRetention: (rules: RetentionDraft[], etag: string | null) =>
    versioned(client.PUT('/api/v1/privacy/retention', { body: { rules }, ...ifMatch(etag) })),
  tryRetention: (rules?: RetentionDraft[]) =>
    body(client.POST('/api/v1/privacy/retention/dry-run', { body: rules ? { rules } : {} })),
  retentionRuns: (cursor: Cursor, signal?: Signal) =>
    body(client.GET('/api/v1/privacy/retention/runs', { params: { query: { cursor, limit: 10 } }, signal })),
  runRetention: () => body(client.POST('/api/v1/privacy/retention/runs', { ...once() })),
  ages: (signal?: Signal) => body(client.GET('/api/v1/privacy/ages', { signal })),
  parentalConsents: (signal?: Signal) =>
    body(client.GET('/api/v1/privacy/parental-consents', { params: { query: { limit: 25 } }, signal })),
  catalogue: (signal?: Signal) => body(client.GET('/api/v1/privacy/catalogue', { signal })),
  auditEvents: (cursor: Cursor, signal?: Signal) =>
    body(client.GET('/api/v1/audit-events', { params: { query: { cursor, limit: many } }, signal })),
  checkpoint: (signal?: Signal) => body(client.GET('/api/v1/audit/checkpoint', { signal })),
};

function ifMatch(etag: string | null) {
  return { params: { header: etag ? { 'If-Match': etag } : {} } };
}

/** A change as the server reads it: "" is nobody, and what is absent stays. */
function wirePatch(patch: ConversationPatch) {
  const { assignee_id, snoozed_until, ...rest } = patch;
  return {
    ...rest,
    ...(assignee_id !== undefined && { assignee_id: assignee_id ?? '' }),
    ...(snoozed_until && { snoozed_until }),
  };
}
