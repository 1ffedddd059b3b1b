/** What the REST API speaks, as the dashboard uses it. Times are RFC 3339 in UTC. */

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export type Role = 'owner' | 'admin' | 'agent' | 'viewer' | 'privacy_officer';

export interface WorkspaceRef {
  id: string;
  name: string;
  slug: string;
}

export interface Session {
  operator: { id: string; name: string; email: string; role: Role };
  workspace: WorkspaceRef & { key: string };
  workspaces: WorkspaceRef[];
  permissions: string[];
  csrf_token: string;
}

export interface WorkspaceSettings {
  allowed_origins: string[];
  notice_url: string;
  default_purpose: string;
  color: string;
  greeting: string;
  widget_position: 'left' | 'right';
  locale: string;
}

export interface Workspace extends WorkspaceRef {
  key: string;
  settings: WorkspaceSettings;
  created_at: string;
  updated_at: string;
}

export interface Operator {
  id: string;
  name: string;
  email: string;
  role: Role;
  created_at: string;
  last_seen_at: string | null;
}

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

export type ConversationState = 'open' | 'pending' | 'snoozed' | 'resolved';
export type Priority = 'none' | 'low' | 'medium' | 'high' | 'urgent';
export type AuthorType = 'contact' | 'operator' | 'api_key' | 'system';
export type MessageType = 'reply' | 'note';

export interface ContactRef {
  id: string;
  name: string;
  email: string;
  avatar_url: string;
  verified: boolean;
}

export interface LastMessage {
  id: string;
  author_type: AuthorType;
  type: MessageType;
  preview: string;
  created_at: string;
}

export interface Conversation {
  id: string;
  contact_id: string;
  contact: ContactRef;
  subject: string;
  state: ConversationState;
  priority: Priority;
  assignee_id: string | null;
  tags: string[];
  channel: 'chat' | 'api' | 'email';
  unread_count: number;
  contact_unread_count: number;
  message_count: number;
  last_message: LastMessage | null;
  snoozed_until: string | null;
  operator_read_at: string | null;
  contact_read_at: string | null;
  activity_at: string;
  created_at: string;
  updated_at: string;
}

export interface ConversationCounts {
  open: number;
  pending: number;
  snoozed: number;
  resolved: number;
  unread: number;
  mine: number;
  unassigned: number;
}

export interface Author {
  type: AuthorType;
  id: string;
  name: string;
}

export interface Message {
  id: string;
  conversation_id: string;
  type: MessageType;
  author: Author;
  body: string;
  client_id: string;
  created_at: string;
  redacted_at: string | null;
}

export interface Contact {
  id: string;
  external_id: string;
  email: string;
  name: string;
  first_name: string;
  last_name: string;
  phone: string;
  avatar_url: string;
  company_id: string | null;
  attributes: Record<string, unknown>;
  locale: string;
  timezone: string;
  created_at: string;
  updated_at: string;
  last_seen_at: string | null;
  verified: boolean;
  restricted_at: string | null;
  deleted_at: string | null;
  source: string;
  provenance: Record<string, { source: string; at: string }>;
}

export interface Basis {
  purpose: string;
  lawful_basis: string;
  evidence?: string;
}

export interface Purpose {
  key: string;
  name: string;
  lawful_basis: string;
  wording: string;
  version: number;
}

export interface Consent {
  id: string;
  purpose: string;
  action: 'grant' | 'withdraw';
  wording: string;
  wording_hash: string;
  version: number;
  source: string;
  created_at: string;
}

export interface ErasureReceipt {
  id: string;
  contact_id: string;
  erased_at: string;
  rows: Record<string, number>;
  key_destroyed: boolean;
  statement: string;
  signature: string;
  public_key: string;
  key_id: string;
}

export interface AccessEvent {
  id: string;
  actor: Author;
  contact_id: string;
  through: string;
  occurred_at: string;
  count: number;
}

export interface AuditEvent {
  id: string;
  position: number;
  actor: Author;
  action: string;
  target: { type: string; id: string };
  occurred_at: string;
  details: Record<string, string> | null;
}

export interface Checkpoint {
  checkpoint: string;
  size: number;
  root_hash: string;
  verifier_key: string;
}

export interface CatalogueField {
  table: string;
  column: string;
  holds?: string[] | null;
  whose: 'contact' | 'operator' | 'nobody';
  category: string;
  purpose?: string;
  lawful_basis?: string;
  retention?: string;
  recipients?: string[] | null;
  sealed: boolean;
}

export interface SearchHit {
  kind: 'message';
  conversation_id: string;
  contact_id: string;
  message_id: string;
  snippet: string;
  title: string;
  created_at: string;
}

/** One frame of the live stream. */
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
  };
}
