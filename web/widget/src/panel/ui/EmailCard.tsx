import { Component } from 'preact';
import type { Failure } from '../core/failure.ts';
import { fill } from '../i18n/index.ts';
import { Notice } from './Composer.tsx';
import type { Screen } from './Panel.tsx';

const PURPOSE = 'email_replies';

interface Form {
  wrong?: string | false;
  busy?: boolean;
}

/**
 * Asks for an address: once, after the first message, of someone whose address is not known and who has not said no.
 * The consent is a box that the person ticks; it is never ticked beforehand (GDPR article 7, recital 32).
 */
export class EmailCard extends Component<Screen, Form> {
  override state: Form = {};

  #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { chat, state } = this.props;
    const { words, settings } = state;
    const fields = (event.target as HTMLElement).querySelectorAll('input');
    const [address, agrees] = fields as unknown as [HTMLInputElement, HTMLInputElement];
    const version = settings?.purposes.find(({ key }) => key === PURPOSE)?.version;
    const evidence = `widget, wording ${version}`;
    const bad = /^\s*\S+@\S+\.\S+\s*$/.test(address.value) ? !agrees.checked && agrees : address;
    this.setState({ wrong: bad && (bad === address ? words.mailBad : words.mailTick), busy: !bad });
    if (bad) return bad.focus();
    try {
      await chat.identify({
        email: address.value.trim(),
        basis: { purpose: PURPOSE, lawful_basis: 'consent', evidence },
      });
      await chat.consent(PURPOSE, 'grant');
      chat.set({ email: 'thanks' });
    } catch (error) {
      const { status, message } = error as Failure;
      this.setState({ wrong: status === 422 ? message : words.again, busy: false });
    }
  };

  override render({ state, chat }: Screen, { wrong, busy }: Form) {
    const { words, contact, settings, threads, thread, email } = state;
    const purpose = settings?.purposes.find(({ key }) => key === PURPOSE);
    const written = threads[thread]?.messages.some(({ author }) => author.type === 'contact');
    if (email === 'thanks') {
      return (
        <p class="card" role="status">
          {fill(words.mailDone, { email: contact?.email ?? '' })}
        </p>
      );
    }
    // While saving, the address is known before the consent is: the card stays until both are.
    if (!purpose || !written || email !== 'ask' || (contact?.email && !busy && !wrong)) return null;
    return (
      <form class="card" onSubmit={this.#save} noValidate>
        <b>{words.mailAsk}</b>
        <input
          type="email"
          autocomplete="email"
          dir="ltr"
          placeholder={words.mailField}
          aria-label={words.mailField}
        />
        <label class="tick">
          <input type="checkbox" />
          <span dir="auto">{purpose.wording}</span>
        </label>
        {wrong && (
          <small class="wrong" role="alert">
            {wrong}
          </small>
        )}
        <div class="row">
          <button type="submit" class="button" disabled={!!busy}>
            {words.mailSave}
          </button>
          <button type="button" class="button second" onClick={chat.skipEmail}>
            {words.mailSkip}
          </button>
          <small>
            <Notice {...state} />
          </small>
        </div>
      </form>
    );
  }
}
