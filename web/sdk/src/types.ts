/**
 * The public contract of the widget: what a page may call and what it hears back.
 * The widget itself is compiled against these types, so they cannot drift from what it does.
 */

/** Why the page may hand over personal data (GDPR article 6). Travels with the data and is kept beside it. */
export interface Basis {
  /** Key of a purpose of the workspace, such as `support`. */
  purpose: string;
  lawful_basis:
    | 'consent'
    | 'contract'
    | 'legal_obligation'
    | 'vital_interests'
    | 'public_task'
    | 'legitimate_interests';
  /** Where that basis can be found again, such as `signup form v3`. */
  evidence?: string;
}

/** What the page claims about the person. Unproven: kept apart from people who were verified. */
export interface Claim {
  externalId?: string;
  email?: string;
  name?: string;
  attributes?: Record<string, string | number | boolean | null>;
  basis?: Basis;
}

/** Proof of who the person is: a JWT (HS256) made by the page's own server with the workspace's identity secret. */
export interface Proof {
  token: string;
}

export interface Contact {
  id: string;
  name: string;
  email: string;
  verified: boolean;
}

export interface ChatMessage {
  id: string;
  conversation_id: string;
  author: { type: 'contact' | 'operator' | 'api_key' | 'system'; id: string; name: string };
  body: string;
  created_at: string;
}

export type ConsentState = 'granted' | 'withdrawn' | 'none';

export interface Consent {
  purpose: string;
  state: ConsentState;
  /** Version of the wording that was agreed to; absent while nothing was decided. */
  version?: string;
  at?: string;
}

/** Kinds of data subject request (GDPR articles 15 to 21). */
export type PrivacyRequestKind =
  | 'access'
  | 'rectification'
  | 'erasure'
  | 'restriction'
  | 'portability'
  | 'objection';

/** What a person asked for. Most are answered by the machine at once; the others by `due_at`. */
export interface PrivacyRequest {
  id: string;
  kind: PrivacyRequestKind;
  state: 'received' | 'verified' | 'in_progress' | 'completed' | 'refused' | 'withdrawn';
  received_at: string;
  due_at: string;
  closed_at: string | null;
  /** The number of the receipt, where the person was erased. */
  receipt_id: string | null;
}

/** What is told to a listener of each event. */
export interface BotimumEvents {
  /** Settings are here and every command works. */
  ready: { contact: Contact | null };
  'chat:opened': undefined;
  'chat:closed': undefined;
  /** The server has stored the message: it is not told while the message waits for a connection. */
  'message:sent': ChatMessage;
  'message:received': ChatMessage;
  /** The number of answers that the person has not seen, over all conversations. */
  unread: { count: number };
  'consent:changed': Consent;
  identified: Contact;
  error: BotimumError;
}

export type BotimumEventName = keyof BotimumEvents;
export type Listener<E extends BotimumEventName = BotimumEventName> = (detail: BotimumEvents[E]) => void;

/** Every promise that rejects, rejects with this. */
export interface BotimumError extends Error {
  /** Stable and machine-readable, such as `basis_required`, `network`, `not_available`. */
  code: string;
  /** The HTTP status, or 0 where the server was not reached. */
  status: number;
}

/** `window.botimum`. Calls made before the script arrives wait in `q`. */
export interface Botimum {
  (command: 'identify', person: Claim | Proof): Promise<Contact>;
  /** What the page knows of the visitor. It is kept as a claim: facts come from your server. */
  (command: 'update', attributes: Record<string, unknown>): Promise<Contact>;
  (command: 'track', name: string, properties?: Record<string, unknown>): Promise<void>;
  (command: 'consent', action: 'grant' | 'withdraw' | 'status', purpose: string): Promise<Consent>;
  (command: 'chat', action: 'open' | 'close' | 'toggle' | 'hide' | 'show'): Promise<void>;
  (command: 'chat', action: 'message', text: string): Promise<ChatMessage>;
  /** Shows a feedback board in the panel, where people vote. */
  (command: 'board', action: 'open', slug: string): Promise<void>;
  (command: 'privacy', action: 'open'): Promise<void>;
  (command: 'privacy', action: 'request', kind: PrivacyRequestKind): Promise<PrivacyRequest>;
  (command: 'locale', tag: string): Promise<void>;
  <E extends BotimumEventName>(command: 'on' | 'off', event: E, listener: Listener<E>): Promise<void>;
  (command: 'reset'): Promise<void>;
  q?: ArrayLike<unknown>[];
}

/** The command names, for code that passes them on. */
export type Command =
  | 'identify'
  | 'update'
  | 'track'
  | 'consent'
  | 'chat'
  | 'board'
  | 'privacy'
  | 'locale'
  | 'on'
  | 'off'
  | 'reset';
