import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { body, client } from '../api/client';
import { Problem, problemText } from '../api/problem';
import type { components } from '../api/schema.gen';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { useThisBoard } from '../boards/layout';
import { LoadProblem, Skeleton } from '../ui/bits';
import { TextArea, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { Leaving } from './leaving';
import { Note, OneOf, Section, Tick } from './parts';
import { SaveBar } from './savebar';

type Moderation = components['schemas']['Moderation'];
type Change = components['schemas']['ModerationChange'];

const key = (boardId: string) => ['boards', 'moderation', boardId];

/** What a board does with what people write before others see it. */
export function ModerationPage() {
  const board = useThisBoard();
  const rules = useQuery({
    queryKey: key(board.id),
    queryFn: ({ signal }) =>
      body(client.GET('/api/v1/boards/{id}/moderation', { params: { path: { id: board.id } }, signal })),
  });
  if (rules.data) return <Form key={rules.data.updated_at} boardId={board.id} rules={rules.data} />;
  if (rules.error)
    return <LoadProblem text={problemText(rules.error)} onRetry={() => void rules.refetch()} />;
  return (
    <div role="status" aria-label="Loading" className="mx-auto max-w-2xl space-y-5 px-6 py-7">
      <Skeleton className="h-4 w-40" />
      <Skeleton className="h-32" />
      <Skeleton className="h-24" />
    </div>
  );
}

const onWords = [
  { id: 'hold', label: 'It waits for one of you', hint: 'Its author reads that it waits, not why.' },
  {
    id: 'refuse',
    label: 'It is refused',
    hint: 'Its author may write it in other words; which word it was is not said.',
  },
] as const;

const challenges = [
  { id: 'nobody', label: "Nobody's browser", hint: 'People write, and that is all.' },
  {
    id: 'newcomers',
    label: 'That of people of whom nothing was published yet',
    hint: 'A few seconds of work, once, while they write. Nobody clicks on pictures, no third party is asked, and nothing is kept of who did it.',
  },
  {
    id: 'everybody',
    label: "Everybody's",
    hint: 'For while a flood comes in. What comes without the work, such as from a browser without scripts, waits for one of you.',
  },
] as const;

const draftOf = (m: Moderation) => ({
  words: m.words.join('\n'),
  on_words: m.on_words,
  max_links: String(m.max_links),
  first_waits: m.first_waits,
  challenge: m.challenge,
});

const names = {
  words: 'words',
  on_words: 'what becomes of them',
  max_links: 'links',
  first_waits: 'first contributions',
  challenge: 'work for browsers',
};

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((w) => w.trim())
    .filter(Boolean);

function Form({ boardId, rules }: { boardId: string; rules: Moderation }) {
  const mayWrite = useCan(may.writeBoards);
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(rules));
  const was = draftOf(rules);
  const fields = (Object.keys(was) as (keyof typeof was)[]).filter((f) => was[f] !== draft[f]);
  const save = useMutation({
    mutationFn: () => {
      const change: Change = {
        words: linesOf(draft.words),
        on_words: draft.on_words,
        max_links: Number(draft.max_links),
        first_waits: draft.first_waits,
        challenge: draft.challenge,
      };
      return body(
        client.PATCH('/api/v1/boards/{id}/moderation', { params: { path: { id: boardId } }, body: change }),
      );
    },
    onSuccess: (now) => {
      queries.setQueryData(key(boardId), now);
      toast('Saved. It holds for what people write from now on.');
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const set = (to: Partial<typeof draft>) => {
    setDraft((d) => ({ ...d, ...to }));
    if (save.error) save.reset();
  };
  const links = Number(draft.max_links);
  const linksProblem =
    /^\d+$/.test(draft.max_links) && links <= 100 ? problem?.field('max_links') : 'A number from 0 to 100.';
  const submit = () => {
    if (fields.length && !save.isPending && mayWrite && !(linksProblem && !problem)) save.mutate();
  };
  return (
    <div className="flex h-full flex-col">
      <form
        noValidate
        aria-label="Moderation"
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
        onKeyDown={(e) => {
          if (e.key.toLowerCase() !== 's' || !(e.ctrlKey || e.metaKey)) return;
          e.preventDefault();
          submit();
        }}
        className="relative min-h-0 flex-1 overflow-y-auto px-4 py-6 md:px-6"
      >
        <div className="mx-auto max-w-2xl">
          <p className="mb-6 text-ink-soft">
            What people write is looked at before others see it; what your team and your own code write is
            not. What waits stands under{' '}
            <Link
              to="/boards/queue"
              search={{ board: boardId }}
              className="font-medium text-accent-text underline underline-offset-2"
            >
              To decide
            </Link>
            .
          </p>
          <Section id="words" title="Words">
            <TextArea
              label="Words and phrases to look for"
              hint="One a line, up to 500; upper and lower case, accents and hidden characters make no difference. A * at the end stands for any ending."
              rows={6}
              spellCheck={false}
              disabled={!mayWrite}
              placeholder={'casino*\nbuy followers'}
              value={draft.words}
              onChange={(e) => set({ words: e.target.value })}
              problem={wordsProblem(problem, draft.words)}
            />
            <OneOf
              label="What becomes of a text that holds one"
              name="on_words"
              value={draft.on_words}
              options={onWords}
              onChange={(on_words) => set({ on_words })}
              isDisabled={!mayWrite}
            />
          </Section>
          <Section id="links" title="Links">
            <TextField
              label="Links that a text may have"
              hint="What has more waits for one of you. Spam is mostly links."
              inputMode="numeric"
              maxLength={3}
              disabled={!mayWrite}
              value={draft.max_links}
              onChange={(e) => set({ max_links: e.target.value })}
              problem={linksProblem}
              className="[&_input]:max-w-24"
            />
          </Section>
          <Section id="newcomers" title="People who are new here">
            <Tick
              label="The first that somebody writes waits"
              hint="Until something of theirs was published."
              isOn={draft.first_waits}
              isDisabled={!mayWrite}
              onChange={(first_waits) => set({ first_waits })}
            />
            <OneOf
              label="Whose browser does a few seconds of work first"
              name="challenge"
              value={draft.challenge}
              options={challenges}
              onChange={(challenge) => set({ challenge })}
              isDisabled={!mayWrite}
            />
          </Section>
          {problem && !problem.fields.length && <Note tone="loss">{problemText(problem)}</Note>}
        </div>
        <button type="submit" className="hidden" tabIndex={-1} aria-hidden="true" />
      </form>
      {fields.length > 0 && (
        <SaveBar
          what={fields.map((f) => names[f]).join(', ')}
          isSaving={save.isPending}
          onUndo={() => setDraft(was)}
          onSave={submit}
        />
      )}
      <Leaving isDirty={fields.length > 0 && !save.isPending} />
    </div>
  );
}

/** What is wrong with the list, by the line that it is about. */
function wordsProblem(problem: Problem | null, text: string): string | undefined {
  for (const f of problem?.fields ?? []) {
    const at = /words\[(\d+)\]$/.exec(f.field)?.[1];
    if (at !== undefined) return `“${linesOf(text)[Number(at)] ?? ''}” ${f.detail}.`;
  }
  return problem?.field('words');
}
