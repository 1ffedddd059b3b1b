/** What the server speaks under /widget/v1, snake_case as it travels. */
import type { ChatMessage, Contact } from '@botimum/browser/types';

export interface Message extends ChatMessage {
  client_id?: string | null;
  redacted_at?: string | null;
}

export interface Conversation {
  id: string;
  state: 'open' | 'pending' | 'snoozed' | 'resolved';
  /** Answers that the contact has not read. */
  unread_count: number;
  last_message: { id: string; author_type: string; preview: string; created_at: string } | null;
  contact_read_at: string | null;
  operator_read_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface Purpose {
  key: string;
  wording: string;
  version: string | number;
}

export interface Settings {
  workspace: { name: string; slug: string };
  color: string;
  position: 'left' | 'right';
  greeting: string;
  notice: { url: string; text?: string; version?: string | number };
  purposes: Purpose[];
  consents: Record<string, 'granted' | 'withdrawn'>;
  /** What the workspace keeps of the page: p, r, z. */
  asks?: string;
  /** What stands before writing; nothing where it is empty. */
  age?: Age;
}

/** The age is to be asked; a parent is; a parent was asked. */
export type Age = '' | 'ask' | 'child' | 'asked';

export interface SessionAnswer {
  session_token: string;
  contact: Contact | null;
  settings: Settings;
}

export interface AgeAnswer {
  session_token: string;
  age: Age;
}

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

/** A frame of the stream once its JSON is read. Only the fields of its own type are there. */
export interface Update {
  conversation_id?: string;
  message?: Message;
  conversation?: Conversation;
  purpose?: string;
  author?: Message['author'];
}
