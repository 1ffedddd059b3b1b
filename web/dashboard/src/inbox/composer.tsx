import { SendHorizontal } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { api } from '../api/endpoints';
import type { Conversation, MessageType } from '../api/types';
import { useCommand } from '../app/commands';
import { isMac, preferences } from '../app/preferences';
import { useMedia } from '../lib/hooks';
import { displayName } from '../lib/names';
import { useStore } from '../lib/store';
import { Button } from '../ui/button';
import { send } from './data';
import { type Draft, draftOf, keepDraft } from './drafts';

const typingEvery = 3000;

/** The server takes no longer message. */
const longest = 20_000;

/** Where a reply or a note is written. What is written stays in memory for each conversation until it is sent. */
export function Composer({ id, conversation }: { id: string; conversation: Conversation | undefined }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(id));
  const field = useRef<HTMLTextAreaElement>(null);
  const { enterSends } = useStore(preferences);
  const isPhone = useMedia('(max-width: 767px)');
  const isNote = draft.tab === 'note';
  const text = draft[draft.tab];
  const tellTyping = useTypingSignal(id);

  useEffect(() => keepDraft(id, draft), [id, draft]);
  const goTo = (tab: MessageType) => {
    setDraft((d) => ({ ...d, tab }));
    field.current?.focus();
  };
  useCommand('reply', () => goTo('reply'));
  useCommand('note', () => goTo('note'));

  const write = (value: string) => {
    setDraft((d) => ({ ...d, [d.tab]: value }));
    if (!isNote && value) tellTyping();
  };
  const submit = () => {
    const body = text.trim();
    if (!body) return;
    setDraft((d) => ({ ...d, [d.tab]: '', tab: 'reply' }));
    void send(id, draft.tab, body);
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Escape') return field.current?.blur();
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    const isMod = event.ctrlKey || event.metaKey;
    const isPlain = enterSends && !isPhone && !event.shiftKey;
    if (!isMod && !isPlain) return;
    event.preventDefault();
    submit();
  };

  const name = conversation ? displayName(conversation.contact) : '';
  const sendKey = enterSends ? 'Enter' : isMac ? '⌘ Enter' : 'Ctrl Enter';
  return (
    <div className="shrink-0 px-3 pb-3 md:px-6 md:pb-4">
      <div
        className={`mx-auto max-w-3xl rounded-md border transition-colors ${isNote ? 'border-time-line bg-time-soft focus-within:border-time' : 'border-line-field bg-surface focus-within:border-accent'}`}
      >
        <div role="group" aria-label="What to write" className="flex gap-1 px-2 pt-2">
          {(['reply', 'note'] as const).map((kind) => (
            <button
              key={kind}
              type="button"
              aria-pressed={draft.tab === kind}
              onClick={() => goTo(kind)}
              className="rounded-sm px-2 py-1 text-sm font-medium text-ink-faint hover:text-ink aria-pressed:bg-pressed aria-pressed:text-ink"
            >
              {kind === 'reply' ? 'Reply' : 'Note'}
              {kind !== draft.tab && draft[kind] && <span className="sr-only"> (has a draft)</span>}
            </button>
          ))}
        </div>
        <textarea
          ref={field}
          value={text}
          onChange={(e) => write(e.target.value)}
          onKeyDown={onKey}
          rows={2}
          maxLength={longest}
          aria-label={isNote ? 'Note for colleagues' : `Reply to ${name}`}
          placeholder={isNote ? 'Only colleagues see this' : `Write to ${name}…`}
          className="block field-sizing-content max-h-60 min-h-14 w-full resize-none bg-transparent px-3.5 py-2 text-base outline-none!"
        />
        <div className="flex items-center justify-between gap-3 px-2 pb-2">
          <p className="truncate px-1.5 text-xs text-ink-faint max-md:hidden">
            {sendKey} sends{enterSends && ', Shift Enter starts a line'}
          </p>
          <Button
            look={isNote ? 'plain' : 'primary'}
            isDisabled={!text.trim()}
            onPress={submit}
            icon={<SendHorizontal size={14} />}
            className="ml-auto"
          >
            {isNote ? 'Add note' : 'Send'}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** Tells the visitor that an answer is being written, at most every three seconds. */
function useTypingSignal(id: string): () => void {
  const last = useRef(0);
  return () => {
    const now = Date.now();
    if (now - last.current < typingEvery) return;
    last.current = now;
    api.typing(id).catch(() => {});
  };
}
