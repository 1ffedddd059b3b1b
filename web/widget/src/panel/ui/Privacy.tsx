import { Component } from 'preact';
import { Notice } from './Composer.tsx';
import { Icon } from './icons.tsx';
import type { Screen } from './Panel.tsx';
import { Rights } from './Rights.tsx';

/** What the person has agreed to, each withdrawn with one press, as easily as it was given. */
export default class Privacy extends Component<Screen, { wrong?: boolean }> {
  #change(purpose: string, action: 'grant' | 'withdraw'): void {
    this.props.chat.consent(purpose, action).then(
      () => this.setState({ wrong: false }),
      () => this.setState({ wrong: true }),
    );
  }

  override render({ state, chat }: Screen, { wrong }: { wrong?: boolean }) {
    const { words, settings, consents } = state;
    return (
      <div class="page">
        <p class="seal">
          <Icon name="seal" />
          {words.sealedMore}
        </p>
        {settings?.purposes.map(({ key, wording }) => {
          const granted = consents[key] === 'granted';
          return (
            <section key={key} class="card">
              <p dir="auto">{wording}</p>
              <div class="row">
                <small role="status">{words[consents[key] ?? 'none']}</small>
                <button
                  type="button"
                  class="button second"
                  onClick={() => this.#change(key, granted ? 'withdraw' : 'grant')}
                >
                  {granted ? words.withdraw : words.agree}
                </button>
              </div>
            </section>
          );
        })}
        <Rights state={state} chat={chat} />
        {wrong && (
          <small class="wrong" role="alert">
            {words.again}
          </small>
        )}
        <p>
          <Notice {...state} />
        </p>
        <button type="button" class="button second end" onClick={chat.reset}>
          {words.forget}
        </button>
        <small>{words.forgetMore}</small>
      </div>
    );
  }
}
