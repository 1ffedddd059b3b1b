/** `window.botimum(command, …)`: what the page may ask. */
import type { Consent, Listener } from '@botimum/browser/types';
import type { Chat } from './core/chat.ts';
import type { Events } from './core/events.ts';
import { asFailure, Failure } from './core/failure.ts';

export interface CommandDeps {
  chat: Chat;
  events: Events;
  setLocale: (tag: string) => Promise<void>;
  showLauncher: (visible: boolean) => void;
}

type Handler = (...args: never[]) => unknown;

/** Runs commands; every failure is also told to the listeners of `error`. */
export function commands(deps: CommandDeps): (command: string, args: unknown[]) => Promise<unknown> {
  const handlers = all(deps);
  return async (command, args) => {
    try {
      return await pick(handlers, command)(...(args as never[]));
    } catch (error) {
      const failure = asFailure(error);
      deps.events.emit('error', failure);
      throw failure;
    }
  };
}

function all({ chat, events, setLocale, showLauncher }: CommandDeps): Record<string, Handler> {
  const actions: Record<string, (text: string) => unknown> = {
    open: () => chat.open('thread'),
    close: () => chat.close(),
    toggle: () => (chat.state.open ? chat.close() : chat.open()),
    hide() {
      chat.close();
      showLauncher(false);
    },
    show: () => showLauncher(true),
    message(text) {
      if (!text) throw invalid('message');
      chat.open('thread'); // nothing is said in a person's name behind their back
      return chat.send(text);
    },
  };
  return {
    chat(action: string, text: unknown) {
      return pick(actions, action)(typeof text === 'string' ? text.trim() : '');
    },
    identify({ externalId, ...claim }: Record<string, unknown>) {
      return chat.identify({ ...claim, external_id: externalId });
    },
    async consent(action: string, purpose: string): Promise<Consent> {
      await chat.ready;
      if (action === 'grant' || action === 'withdraw') return chat.consent(purpose, action, 'javascript');
      if (action !== 'status') throw invalid(`consent ${action}`);
      return { purpose, state: chat.state.consents[purpose] ?? 'none' };
    },
    privacy(action: string, kind: string) {
      if (action === 'open') return chat.open('privacy');
      if (action !== 'request') throw invalid(`privacy ${action}`);
      return chat.api.call('POST', 'privacy-requests', { kind });
    },
    locale: setLocale,
    on(event: string, listener: Listener<never>) {
      if (typeof listener !== 'function') throw invalid('on');
      events.on(event, listener);
    },
    off: events.off,
    reset: () => chat.reset().then(() => {}),
    update(attributes: Record<string, unknown>) {
      if (typeof attributes !== 'object' || !attributes) throw invalid('update');
      return chat.identify({ attributes });
    },
    track: (name: string, properties?: object) => chat.api.call('POST', 'events', { name, properties }),
    board(action: string, board: string) {
      if (action !== 'open') throw invalid(action);
      chat.open('board', board);
    },
  };
}

/** The page names what it wants: only what we have put there counts, not what every object has. */
function pick<T>(from: Record<string, T>, name: string): T {
  if (!Object.hasOwn(from, name)) throw invalid(name);
  return from[name] as T;
}

function invalid(what: string): Failure {
  return new Failure('invalid_command', `botimum: no '${what}'.`);
}
