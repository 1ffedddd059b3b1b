import type { components } from './schema.gen';

/** The words of the REST API, from its own document (schema.gen.ts; `npm run api` writes it anew). */
type Schemas = components['schemas'];

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export type Role = Schemas['Operator']['role'];
export type Session = Schemas['WorkspaceView'];
export type Account = Schemas['Account'];
export type OwnSession = Schemas['WorkspaceSession'];
export type Workspace = Schemas['Workspace'];
export type SettingsPatch = Schemas['SettingsPatch'];
export type Operator = Schemas['Operator'];
export type ApiKey = Schemas['APIKey'];

export type WebhookEndpoint = Omit<Schemas['Endpoint'], 'off_reason'> & {
  off_reason: Schemas['Endpoint']['off_reason'] | null;
};
export type WebhookDelivery = Schemas['Delivery'];
export type WebhookOutcome = Schemas['Outcome'];

export type LastMessage = Schemas['LastMessage'];
/** The document cannot say that an object may be null: a conversation whose messages are all notes has no last one. */
export type Conversation = Omit<Schemas['Conversation'], 'last_message'> & {
  last_message: LastMessage | null;
};
export type ConversationState = Conversation['state'];
export type Priority = Conversation['priority'];
export type ConversationCounts = Schemas['InboxCounts'];
export type Author = Schemas['Ref'];
export type AuthorType = Author['type'];
export type Redaction = Schemas['Redaction'];
export type Sensitive = Schemas['Sensitive'];
export type Message = Omit<Schemas['Message'], 'redaction' | 'sensitive'> & {
  redaction: Redaction | null;
  sensitive: Sensitive | null;
};
export type MessageType = Message['type'];
export type SearchHit = Schemas['InboxHit'];

export type Filter = Schemas['Filter'];
export type Segment = Schemas['Segment'];
export type SegmentField = Schemas['SegmentField'];

export type TimelineEntry = Schemas['TimelineEntry'];
/** The document cannot say that an object may be null: most people are not blocked. */
export type Contact = Omit<Schemas['Contact'], 'blocked'> & { blocked: ContactBlock | null };
export type ContactBlock = Schemas['ContactBlock'];
export type NewBlock = Schemas['NewBlock'];
export type BlockEntry = Schemas['BlockEntry'];
export type NewBlockEntry = Schemas['NewBlockEntry'];
export type ContactNote = Schemas['ContactNote'];
export type ContactDevice = Schemas['Device'];
export type Technical = Schemas['Technical'];
export type Attribute = Schemas['Attribute'];
export type AttributeDraft = Schemas['NewAttribute'];
export type AttributeChange = Schemas['AttributeChange'];
export type BulkJob = Schemas['BulkJob'];
export type NewBulkJob = Schemas['NewBulkJob'];
export type ContactChange = Schemas['ContactsChange'];
export type Basis = Schemas['Basis'];
export type LawfulBasis = Basis['lawful_basis'];
export type Purpose = Schemas['PrivacyPurpose'];
export type PurposeDraft = Omit<Purpose, 'version'>;
export type PrivacyRequest = Schemas['Request'];
export type RequestKind = PrivacyRequest['kind'];
export type RequestState = PrivacyRequest['state'];
export type RequestChange = Schemas['RequestChange'];
export type RetentionRule = Schemas['RetentionRule'];
export type RetentionDraft = Pick<RetentionRule, 'category' | 'days'> &
  Partial<Pick<RetentionRule, 'purpose' | 'scope'>>;
export type RetentionCategory = Schemas['RetentionCategory'];
export type RetentionResult = Schemas['RetentionResult'];
export type RetentionRun = Schemas['RetentionRun'];
export type RetentionSettings = Schemas['RetentionSettings'];
export type Age = Schemas['Age'];
export type Consent = Schemas['Consent'];
export type ErasureReceipt = Schemas['Receipt'];
export type CatalogueField = Schemas['Field'];
export type Mail = Schemas['Mail'];
export type MailStatus = Schemas['MailStatus'];
export type MailTrouble = Schemas['Trouble'];
/** The document cannot say that an object may be null: nobody knows from where an old one was. */
export type AccessEvent = Omit<Schemas['AccessEvent'], 'from'> & {
  from: Schemas['AccessEvent']['from'] | null;
};
export type AuditEvent = Schemas['AuditEvent'];

/** One event of the live stream, which the document describes in words only. */
export interface Envelope {
  id: string;
  type: string;
  workspace_id: string;
  sequence: number;
  occurred_at: string;
  actor: { type: AuthorType; id: string };
  data: {
    conversation_id?: string;
    contact_id?: string;
    message?: Message;
    conversation?: Conversation;
    contact?: Contact;
    purpose?: string;
    request_id?: string;
    object_id?: string;
    fields?: string[];
  };
}
