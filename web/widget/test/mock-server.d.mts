interface Talk {
  id: string;
  contact: string;
}

interface Stored {
  id: string;
  body: string;
  client_id: string;
  created_at: string;
}

export class MockServer {
  url: string;
  down: boolean;
  log: string[];
  // biome-ignore lint/suspicious/noExplicitAny: a test takes the first of them without asking whether it is there
  conversations: any[];
  messages: Stored[];
  asked: string[];
  sessions: Map<string, string>;
  settings: { color: string };
  consents: Record<string, unknown>[];
  streams: Set<unknown>;
  start(port?: number): Promise<MockServer>;
  stop(): Promise<void>;
  cut(): void;
  erase(contact: string): void;
  begin(contact: string, body: string, at?: string): unknown;
  answer(conversation: Talk, body: string): unknown;
  seen(conversation: Talk): void;
  typing(conversation: Talk): void;
}
