import { Component, createRef, type JSX } from 'preact';
import type { Draft } from '../core/memory.ts';
import { fill } from '../i18n/index.ts';
import { linkify } from '../text/linkify.ts';
import { clockTime, dayName } from '../text/time.ts';
import { EmailCard } from './EmailCard.tsx';
import type { Screen } from './Panel.tsx';
import { asMessage, type MessageRow, rows } from './rows.ts';

/** This near to the end, the reader is taken to be following along. */
const NEAR = 80;

interface Place {
  height: number;
  top: number;
  following: boolean;
}

export class Thread extends Component<Screen> {
  #log = createRef<HTMLDivElement>();
  #loading = false;

  override componentDidMount(): void {
    this.#toEnd();
  }

  override getSnapshotBeforeUpdate(): Place {
    const { scrollHeight: height, scrollTop: top, clientHeight } = this.#log.current as HTMLElement;
    return { height, top, following: height - top - clientHeight < NEAR };
  }

  override componentDidUpdate(
    { state: before }: Screen,
    _: unknown,
    { height, top, following }: Place,
  ): void {
    const { state } = this.props;
    const log = this.#log.current as HTMLElement;
    const first = ({ threads } = state) => threads[state.thread]?.messages[0]?.id;
    const came = state.thread !== before.thread || state.open !== before.open || state.view !== before.view;
    if (first() !== first(before) && before.threads[state.thread])
      log.scrollTop = top + log.scrollHeight - height;
    else if (came || following || state.drafts.length > before.drafts.length) this.#toEnd();
  }

  /** To the newest; where more has come than fits, to the first that is new. Once the panel is shown, if it is not. */
  #toEnd(): void {
    queueMicrotask(() => {
      const log = this.#log.current as HTMLElement;
      const line = log.querySelector<HTMLElement>('.unread');
      log.scrollTop = line ? line.offsetTop - 8 : log.scrollHeight;
    });
  }

  #older = (): void => {
    if (this.#loading || (this.#log.current as HTMLElement).scrollTop > NEAR) return;
    this.#loading = true;
    this.props.chat.conversations
      .loadOlder()
      .catch(() => {})
      .finally(() => {
        this.#loading = false;
      });
  };

  override render({ state, chat }: Screen) {
    const { words, settings, thread, threads, conversations, locale, typing } = state;
    const known = threads[thread];
    const conversation = conversations.find(({ id }) => id === thread);
    const drafts = state.drafts.filter((draft) => chat.outbox.threadOf(draft) === thread);
    const lines = rows([...(known?.messages ?? []), ...drafts.map(asMessage)], state.divider);
    const last = lines.at(-1);
    const seen = last?.message && (conversation?.operator_read_at ?? '') >= last.message.created_at;
    return (
      <section
        class="log"
        ref={this.#log}
        onScroll={this.#older}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={words.chat}
      >
        {known?.older ? (
          <button type="button" class="more" onClick={this.#older}>
            <small>{words.earlier}</small>
          </button>
        ) : (
          <p class="greeting">{settings?.greeting}</p>
        )}
        {conversation && !known && <p class="bone" />}
        <div role="log" aria-relevant="additions">
          {lines.map((row) =>
            row.message ? (
              <Line
                key={row.key}
                row={row}
                state={state}
                chat={chat}
                receipt={row === last && row.mine && ` · ${seen ? words.seen : words.sent}`}
              />
            ) : (
              <small key={row.key} class={row.day ? 'day' : 'unread'}>
                {row.day ? dayName(row.day, locale) : words.unread}
              </small>
            ),
          )}
        </div>
        <EmailCard state={state} chat={chat} />
        {typing?.thread === thread && (
          <small class="first" role="status">
            {fill(words.typing, { name: typing.name || settings?.workspace.name || '' })}
          </small>
        )}
      </section>
    );
  }
}

function Line({ row, state, chat, receipt }: Screen & { row: MessageRow; receipt: string | false }) {
  const { words, locale, settings } = state;
  const { message, mine, first, last } = row;
  const draft = state.drafts.find(({ client_id }) => client_id === message.id);
  const name = message.author.name || settings?.workspace.name;
  return (
    <div class={`message${mine ? ' mine' : ''}${first ? ' first' : ''}`}>
      {first && <small class={mine ? 'hush' : ''}>{mine ? words.you : name}</small>}
      <div class="bubble">{message.body ? <Text body={message.body} /> : words.removed}</div>
      {draft ? (
        <Waiting draft={draft} state={state} chat={chat} />
      ) : (
        last && (
          <small>
            {clockTime(message.created_at, locale)}
            {receipt}
          </small>
        )
      )}
    </div>
  );
}

/** Under a message that has not arrived: how it stands, and what can be done. */
function Waiting({ draft, state, chat }: Screen & { draft: Draft }) {
  const { words, connected } = state;
  const { error, client_id } = draft;
  if (!error && connected && !chat.outbox.waiting()) return <small>{words.sending}</small>;
  return (
    <small class={error ? 'wrong' : ''} role={error ? 'alert' : undefined}>
      {error ? `${words.failed} ${error} ` : `${words.waiting} `}
      <button type="button" onClick={() => chat.outbox.retry(client_id)}>
        {words.retry}
      </button>{' '}
      {error && (
        <button type="button" onClick={() => chat.outbox.discard(client_id)}>
          {words.discard}
        </button>
      )}
    </small>
  );
}

/** Plain text with its line breaks (kept by the style sheet) and its addresses as links. Never HTML. */
function Text({ body }: { body: string }) {
  return linkify(body).map(({ text, href }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {text}
      </a>
    ) : (
      text
    ),
  ) as unknown as JSX.Element;
}
