import { Component, createRef } from 'preact';
import { fill } from '../i18n/index.ts';
import { Icon } from './icons.tsx';
import type { Screen } from './Panel.tsx';

/** As the server counts: Unicode characters, not UTF-16 units. */
export const LONGEST = 10_000;

export class Composer extends Component<Screen, { length: number }> {
  override state = { length: 0 };
  #field = createRef<HTMLTextAreaElement>();

  /** Fits the field to its text, which it gives back. */
  #measure(): string {
    const field = this.#field.current as HTMLTextAreaElement;
    field.style.height = '0';
    field.style.height = `${field.scrollHeight}px`;
    const text = field.value.trim();
    this.setState({ length: [...text].length });
    return text;
  }

  #onInput = (): void => {
    if (this.#measure()) this.props.chat.typing();
  };

  #send = (event: Event): void => {
    event.preventDefault();
    const text = this.#measure();
    if (!text || [...text].length > LONGEST) return;
    const field = this.#field.current as HTMLTextAreaElement;
    field.value = '';
    field.focus();
    this.#measure();
    // A message that is refused shows so in the thread.
    this.props.chat.send(text).catch(() => {});
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) this.#send(event);
  };

  override render({ state, chat }: Screen, { length }: { length: number }) {
    const { words, locale } = state;
    const over = length - LONGEST;
    return (
      <form class="composer" onSubmit={this.#send}>
        {over > 0 && (
          <small class="wrong" role="alert">
            {fill(words.tooLong, { n: over.toLocaleString(locale), max: LONGEST.toLocaleString(locale) })}
          </small>
        )}
        <div class="field">
          <textarea
            ref={this.#field}
            rows={1}
            dir="auto"
            placeholder={words.write}
            aria-label={words.write}
            aria-invalid={over > 0}
            onInput={this.#onInput}
            onKeyDown={this.#onKey}
          />
          <button type="submit" class="tool" aria-label={words.send} disabled={!length || over > 0}>
            <Icon name="send" />
          </button>
        </div>
        <small class="row foot">
          <span class="seal" title={words.sealedMore}>
            <Icon name="seal" />
            {words.sealed}
          </span>
          <button type="button" onClick={() => chat.set({ view: 'privacy' })}>
            {words.privacy}
          </button>
          <Notice {...state} />
        </small>
      </form>
    );
  }
}

/** Link to the workspace's privacy notice; only http and https are followed. */
export function Notice({ settings, words }: Pick<Screen['state'], 'settings' | 'words'>) {
  const url = settings?.notice.url ?? '';
  return /^https?:|^\//.test(url) ? (
    <a href={url} target="_blank" rel="noopener">
      {words.notice}
    </a>
  ) : null;
}
