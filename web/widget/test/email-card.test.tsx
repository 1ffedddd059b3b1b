import { render } from 'preact';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Chat } from '../src/panel/core/chat.ts';
import { Failure } from '../src/panel/core/failure.ts';
import type { State } from '../src/panel/core/state.ts';
import { en } from '../src/panel/i18n/en.ts';
import { EmailCard } from '../src/panel/ui/EmailCard.tsx';
import { message, settled } from './builders.ts';

const WORDING = 'Send me replies by e-mail.';

const written: Partial<State> = {
  locale: 'en',
  words: en,
  contact: null,
  email: 'ask',
  thread: 'cnv_1',
  threads: { cnv_1: { messages: [message({})], older: null } },
  settings: {
    workspace: { name: 'Acme', slug: 'acme' },
    color: '#0f766e',
    position: 'right',
    greeting: '',
    notice: { url: 'https://acme.example/privacy' },
    purposes: [{ key: 'email_replies', wording: WORDING, version: 3 }],
    consents: {},
  },
};

const chat = {
  identify: vi.fn(async (_: object) => {}),
  consent: vi.fn(async (_purpose: string, _action: string) => {}),
  skipEmail: vi.fn(),
  set: vi.fn(),
};

function show(part: Partial<State> = {}) {
  const place = document.createElement('div');
  document.body.replaceChildren(place);
  const draw = (more: Partial<State>) =>
    render(<EmailCard state={{ ...written, ...more } as State} chat={chat as unknown as Chat} />, place);
  draw(part);
  const find = <T extends Element>(selector: string) => place.querySelector<T>(selector) as T;
  const submit = async () => {
    find<HTMLFormElement>('form').dispatchEvent(new SubmitEvent('submit', { cancelable: true }));
    await new Promise((done) => setTimeout(done));
    await settled();
  };
  const address = () => find<HTMLInputElement>('input[type=email]');
  const box = () => find<HTMLInputElement>('input[type=checkbox]');
  return { place, find, submit, address, box, draw };
}

beforeEach(() => vi.clearAllMocks());

describe('the e-mail card', () => {
  it('shows the exact wording beside a box that nobody has ticked, and the notice', () => {
    const { box, find, place } = show();
    expect(box().checked).toBe(false);
    expect(box().defaultChecked).toBe(false);
    expect(find('.tick').textContent).toBe(WORDING);
    expect(find('a').getAttribute('href')).toBe('https://acme.example/privacy');
    expect(place.textContent).toContain(en.mailSkip);
  });

  it.each<[string, Partial<State>]>([
    ['before the first message', { threads: {} }],
    [
      'when the address is known',
      { contact: { id: 'con_1', name: '', email: 'a@b.example', verified: true } },
    ],
    ['after it was declined', { email: 'skipped' }],
    ['when the workspace does not send e-mail', { settings: { ...written.settings, purposes: [] } as never }],
  ])('is not shown %s', (_, part) => {
    expect(show(part).find('form')).toBeNull();
  });

  it('sends nothing without the tick', async () => {
    const { address, submit, find } = show();
    address().value = 'ada@example.org';
    await submit();
    expect(find('[role=alert]').textContent).toBe(en.mailTick);
    expect(chat.identify).not.toHaveBeenCalled();
    expect(chat.consent).not.toHaveBeenCalled();
  });

  it.each(['', 'ada', 'ada@example', '@example.org'])('sends nothing for the address %j', async (email) => {
    const { address, box, submit, find } = show();
    address().value = email;
    box().checked = true;
    await submit();
    expect(find('[role=alert]').textContent).toBe(en.mailBad);
    expect(chat.identify).not.toHaveBeenCalled();
  });

  it('hands over the address with its basis, then the consent', async () => {
    const { address, box, submit } = show();
    address().value = ' ada@example.org ';
    box().checked = true;
    await submit();
    expect(chat.identify).toHaveBeenCalledWith({
      email: 'ada@example.org',
      basis: { purpose: 'email_replies', lawful_basis: 'consent', evidence: 'widget, wording 3' },
    });
    expect(chat.consent).toHaveBeenCalledWith('email_replies', 'grant');
    expect(chat.set).toHaveBeenCalledWith({ email: 'thanks' });
  });

  it('stays when the consent could not be stored, so that it can be tried again', async () => {
    chat.consent.mockRejectedValueOnce(new Failure('network', 'no', 0));
    const { address, box, submit, find, draw } = show();
    address().value = 'ada@example.org';
    box().checked = true;
    await submit();
    draw({ contact: { id: 'con_1', name: '', email: 'ada@example.org', verified: false } });
    expect(find('[role=alert]').textContent).toBe(en.again);
    expect(chat.set).not.toHaveBeenCalled();
    await submit();
    expect(chat.consent).toHaveBeenCalledTimes(2);
  });

  it('is put away with one press', () => {
    const { find } = show();
    find<HTMLButtonElement>('button[type=button]').click();
    expect(chat.skipEmail).toHaveBeenCalledOnce();
  });
});
