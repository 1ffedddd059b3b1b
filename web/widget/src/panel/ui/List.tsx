import { shortTime } from '../text/time.ts';
import type { Screen } from './Panel.tsx';

/** Earlier conversations, and the way to a new one. */
export default function List({ state, chat }: Screen) {
  const { words, conversations, locale } = state;
  return (
    <div class="page">
      <button type="button" class="button" onClick={() => chat.show()}>
        {words.fresh}
      </button>
      <ul>
        {conversations.map(({ id, last_message: last, unread_count: count, updated_at }) => (
          <li key={id}>
            <button type="button" onClick={() => chat.show(id)}>
              <span class="preview" dir="auto">
                {last?.author_type === 'contact' && `${words.you}: `}
                {last?.preview}
              </span>
              <small>{shortTime(updated_at, locale)}</small>
              {count > 0 && <b class="count">{count}</b>}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
