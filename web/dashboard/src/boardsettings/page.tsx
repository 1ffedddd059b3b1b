import { Eye } from 'lucide-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Dialog as AriaDialog } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import type { Answer } from '../api/client';
import { isStatus, Problem, problemText } from '../api/problem';
import { may } from '../app/permissions';
import { useCan } from '../app/session';
import { type Board, useBoard } from '../boards/data';
import { useThisBoard } from '../boards/layout';
import { useMedia, useSettled } from '../lib/hooks';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { Address } from './address';
import { Archive } from './archive';
import { Audience, Erasure, TakingPart } from './audience';
import { Categories } from './categories';
import { fetchBoard, type PreviewPage, usePatchBoard, usePreview } from './data';
import { both, changed, changeOf, type Draft, draftOf, type Field, fieldNames, onto } from './draft';
import type { PartProps } from './form';
import { Leaving } from './leaving';
import { Look } from './look';
import { Note } from './parts';
import { PreviewPane } from './preview';
import { SaveBar } from './savebar';
import { Statuses } from './statuses';
import { OwnStyle } from './style';
import { Weight } from './weight';

/** Everything that a board's pages are, with the page itself beside it. */
export function BoardSettingsPage() {
  const board = useThisBoard();
  const loaded = useBoard(board.id).data;
  return loaded ? <Form key={board.id} loaded={loaded} /> : null;
}

const listed = new Intl.ListFormat('en');
const named = (fields: Field[]): string => listed.format(fields.map((f) => fieldNames[f]));

/** The draft, the version that it began with, and what became of it where somebody else saved meanwhile. */
function useDraft(loaded: Answer<Board>) {
  const [base, setBase] = useState(loaded);
  const [draft, setDraft] = useState<Draft>(() => draftOf(loaded.data));
  const [clash, setClash] = useState<string | null>(null);
  const fields = changed(base.data, draft);
  const isDirty = fields.length > 0;
  const begin = (answer: Answer<Board>) => {
    setBase(answer);
    setDraft(draftOf(answer.data));
    setClash(null);
  };
  // A newer version is taken up by itself while nothing is being changed here.
  useEffect(() => {
    if (loaded.etag === base.etag || isDirty) return;
    setBase(loaded);
    setDraft(draftOf(loaded.data));
  }, [loaded, base.etag, isDirty]);
  /** Goes on from a newer version, with what was changed here. */
  const rebase = (newer: Answer<Board>) => {
    const twice = both(newer.data, base.data, draft);
    setDraft(onto(newer.data, base.data, draft));
    setBase(newer);
    setClash(
      twice.length
        ? `A colleague saved meanwhile, and changed ${named(twice)}, too. Yours stands here; saving puts it over theirs.`
        : 'A colleague saved something else meanwhile. It is in here now, and so is what you changed: save again.',
    );
  };
  /** Only the version moved, not what the form shows, such as by another picture. */
  const follow = (answer: Answer<Board>) => setBase(answer);
  return { base, draft, setDraft, fields, isDirty, begin, rebase, follow, clash };
}

const conflicts: Record<string, string> = {
  slug_taken: 'slug',
  domain_taken: 'domain',
  status_in_use: 'statuses',
  category_in_use: 'categories',
};

function Form({ loaded }: { loaded: Answer<Board> }) {
  const mayWrite = useCan(may.writeBoards);
  const form = useRef<HTMLFormElement>(null);
  const state = useDraft(loaded);
  const { base, draft, isDirty } = state;
  const board = base.data;
  const save = usePatchBoard(board.id);
  const change = changeOf(board, draft);
  const [page, setPage] = useState<PreviewPage>('posts');
  const preview = usePreview(board.id, page, useSettled(JSON.stringify(change), 300), base.etag);
  const isWide = useMedia('(min-width: 1080px)');
  const [isLooking, setLooking] = useState(false);

  const wrong = (field: string): string | undefined => {
    for (const error of [save.error, preview.error]) {
      if (!(error instanceof Problem)) continue;
      if (conflicts[error.code] === field) return error.message;
      const hit = error.fields.find((f) => f.field === field || f.field === `board.${field}`);
      if (hit) return new Problem(0, '', '', [hit]).field(hit.field);
    }
    return undefined;
  };
  const set = (to: Partial<Draft>) => {
    state.setDraft((d) => ({ ...d, ...to }));
    if (save.error) save.reset();
  };
  const submit = () => {
    if (!isDirty || save.isPending || !mayWrite) return;
    save.mutate(
      { change, etag: base.etag },
      {
        onSuccess: (answer) => {
          state.begin(answer);
          toast('Saved.');
        },
        onError: (error) => {
          if (isStatus(error, 412)) {
            void fetchBoard(board.id).then((newer) => {
              save.reset();
              state.rebase(newer);
            });
          } else {
            setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus(), 30);
          }
        },
      },
    );
  };
  const part: PartProps = { board, draft, set, mayWrite, wrong, isTried: save.error !== null };
  const isUnplaced =
    save.error &&
    !isStatus(save.error, 412) &&
    !conflicts[(save.error as Problem).code] &&
    !(save.error as Problem).fields?.length;
  const pane = (
    <PreviewPane
      page={page}
      onPage={setPage}
      shown={preview.data}
      error={preview.error}
      isBehind={preview.isFetching}
    />
  );
  return (
    <div className="flex h-full min-h-0">
      <div className="flex min-w-0 flex-1 flex-col lg:max-w-xl lg:border-r lg:border-line">
        <form
          ref={form}
          noValidate
          aria-label="Settings of the board's pages"
          onSubmit={(e: FormEvent) => {
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
          {!mayWrite && (
            <Note tone="plain">You may look at this, and your role does not let you change it.</Note>
          )}
          <Look {...part} onLogo={state.follow} />
          <Audience {...part} />
          <TakingPart {...part} />
          <Statuses {...part} />
          <Categories {...part} />
          <Weight {...part} />
          <Address {...part} />
          <OwnStyle {...part} leftOut={preview.data?.css_left_out ?? []} />
          <Erasure {...part} />
          {mayWrite && <Archive board={board} onDone={() => void fetchBoard(board.id).then(state.follow)} />}
          <button type="submit" className="hidden" tabIndex={-1} aria-hidden="true" />
        </form>
        {(isDirty || !isWide) && (
          <SaveBar
            what={named(state.fields)}
            isSaving={save.isPending}
            onUndo={() => state.begin(base)}
            onSave={submit}
            more={
              !isWide && (
                <Button icon={<Eye size={15} aria-hidden="true" />} onPress={() => setLooking(true)}>
                  Preview
                </Button>
              )
            }
          >
            {state.clash && isDirty && (
              <p role="alert" className="mb-2 text-sm text-time-text">
                {state.clash}
              </p>
            )}
            {isUnplaced && (
              <p role="alert" className="mb-2 text-sm text-loss-text">
                {problemText(save.error)}
              </p>
            )}
          </SaveBar>
        )}
      </div>
      {isWide && <div className="min-w-0 flex-1">{pane}</div>}
      {!isWide && isLooking && (
        <ModalOverlay
          isOpen
          isDismissable
          onOpenChange={(open) => !open && setLooking(false)}
          className="veil fixed inset-0 z-40 bg-veil"
        >
          <Modal className="h-full bg-raised">
            <AriaDialog aria-label="Preview" className="flex h-full flex-col outline-none">
              <div className="min-h-0 flex-1">{pane}</div>
              <div className="flex justify-end border-t border-line px-4 py-3">
                <Button onPress={() => setLooking(false)}>Back to the settings</Button>
              </div>
            </AriaDialog>
          </Modal>
        </ModalOverlay>
      )}
      <Leaving isDirty={isDirty && !save.isPending} />
    </div>
  );
}
