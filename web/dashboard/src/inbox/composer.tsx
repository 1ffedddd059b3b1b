import { SendHorizontal } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
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
    // The field of the other tab exists only after this render.
    setTimeout(() => field.current?.focus());
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
  const tab = 'relative px-2 py-1 text-sm font-medium text-ink-faint rounded-sm data-[hovered]:text-ink data-[selected]:text-ink data-[selected]:bg-pressed';
  return (
    <div className="shrink-0 px-3 pb-3 md:px-6 md:pb-4">
      <Tabs
        selectedKey={draft.tab}
        onSelectionChange={(key) => setDraft((d) => ({ ...d, tab: key as MessageType }))}
        className={`mx-auto max-w-3xl rounded-md border transition-colors focus-within:border-ink-faint ${isNote ? 'border-time-line bg-time-soft' : 'border-line-field bg-surface'}`}
      >
        <TabList aria-label="Reply or note" className="flex gap-1 px-2 pt-2">
          <Tab id="reply" className={tab}>
            Reply
          </Tab>
          <Tab id="note" className={tab}>
            Note
          </Tab>
        </TabList>
        <TabPanel id={draft.tab} className="outline-none">
          <textarea
            ref={field}
            value={text}
            onChange={(e) => write(e.target.value)}
            onKeyDown={onKey}
            rows={2}
            maxLength={100_000}
            aria-label={isNote ? 'Note for colleagues' : `Reply to ${name}`}
            placeholder={isNote ? 'Only colleagues see this' : `Write to ${name}…`}
            className="block field-sizing-content max-h-60 min-h-14 w-full resize-none bg-transparent px-3.5 py-2 text-base outline-none!"
          />
        </TabPanel>
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
      </Tabs>
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
