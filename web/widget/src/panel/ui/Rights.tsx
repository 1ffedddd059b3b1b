import type { PrivacyRequest, PrivacyRequestKind } from '@botimum/browser/types';
import { Component } from 'preact';
import type { Failure } from '../core/failure.ts';
import { fill } from '../i18n/index.ts';
import type { Screen } from './Panel.tsx';
import { rightsWords } from './rights-words.ts';

const KINDS = ['access', 'portability', 'restriction', 'objection', 'erasure'] as const;

interface Told {
  said?: string;
  wrong?: string;
  asking?: boolean;
  busy?: boolean;
}

/** Each right of a person as one button (GDPR articles 15 to 21); an erasure is asked about once more. */
export class Rights extends Component<Screen, Told> {
  override state: Told = {};

  #ask = async (kind: PrivacyRequestKind): Promise<void> => {
    const { chat, state } = this.props;
    const words = rightsWords(state.locale);
    this.setState({ said: '', wrong: '', asking: false, busy: true });
    try {
      const asked = await chat.api.call<PrivacyRequest>('POST', 'privacy-requests', { kind });
      const isDone = asked.state === 'completed';
      if (isDone && /^(access|portability)$/.test(kind)) await this.#save(asked.id);
      this.setState({
        said: isDone
          ? words.done
          : fill(words.waits, { date: new Date(asked.due_at).toLocaleDateString(state.locale) }),
      });
    } catch (error) {
      const { code } = error as Failure;
      if (code === 'nothing_held') this.setState({ said: words.nothing });
      else this.setState({ wrong: state.words.again });
    }
    this.setState({ busy: false });
  };

  /** Gives the browser the ZIP to keep. */
  async #save(id: string): Promise<void> {
    const response = await this.props.chat.api.authorised(`privacy-requests/${id}/export`, {});
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await response.blob());
    link.download = 'my-data.zip';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  override render({ state }: Screen, { said, wrong, asking, busy }: Told) {
    const words = rightsWords(state.locale);
    return (
      <section class="card">
        <b>{words.rights}</b>
        <small>{words.more}</small>
        {KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            class="button second"
            disabled={!!busy}
            onClick={() => (kind === 'erasure' ? this.setState({ asking: true }) : this.#ask(kind))}
          >
            {words[kind]}
          </button>
        ))}
        {asking && (
          <div role="alert">
            <p>{words.sure}</p>
            <div class="row">
              <button type="button" class="button second wrong" onClick={() => this.#ask('erasure')}>
                {words.erase}
              </button>
              <button type="button" class="button second" onClick={() => this.setState({ asking: false })}>
                {words.keep}
              </button>
            </div>
          </div>
        )}
        {said && <p role="status">{said}</p>}
        {wrong && (
          <small class="wrong" role="alert">
            {wrong}
          </small>
        )}
      </section>
    );
  }
}
