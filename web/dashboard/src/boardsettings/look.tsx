import { ImagePlus, Trash2 } from 'lucide-react';
import { type ChangeEvent, useRef } from 'react';
import type { Answer } from '../api/client';
import type { Board } from '../boards/data';
import { Button, IconButton } from '../ui/button';
import { ColorField } from '../ui/color';
import { SelectField, TextArea, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { useLogo } from './data';
import type { PartProps } from './form';
import { Section } from './parts';

const languages = [
  ['', "The reader's own"],
  ['en', 'English'],
  ['de', 'Deutsch'],
  ['fr', 'Français'],
  ['es', 'Español'],
  ['pl', 'Polski'],
  ['ar', 'العربية'],
] as const;

/** Name, words, picture and colour: what people see first. */
export function Look({
  board,
  draft,
  set,
  mayWrite,
  wrong,
  onLogo,
}: PartProps & { onLogo: (answer: Answer<Board>) => void }) {
  return (
    <Section id="look" title="Name and look">
      <TextField
        label="Name"
        autoComplete="off"
        maxLength={100}
        disabled={!mayWrite}
        value={draft.name}
        onChange={(e) => set({ name: e.target.value })}
        problem={wrong('name')}
      />
      <TextArea
        label="Introduction"
        hint="Markdown. It stands above the posts."
        rows={3}
        maxLength={5000}
        disabled={!mayWrite}
        value={draft.intro}
        onChange={(e) => set({ intro: e.target.value })}
        problem={wrong('intro')}
      />
      <Logo board={board} mayWrite={mayWrite} onDone={onLogo} />
      <div className="grid gap-5 md:grid-cols-2">
        <ColorField
          value={draft.color}
          isReadOnly={!mayWrite}
          onChange={(color) => set({ color })}
          problem={wrong('color')}
        />
        <SelectField
          label="Language of the pages"
          disabled={!mayWrite}
          value={draft.language}
          onChange={(e) => set({ language: e.target.value })}
          problem={wrong('language')}
        >
          {languages.map(([id, name]) => (
            <option key={id} value={id} lang={id || undefined}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
      <p className="text-sm text-ink-faint">
        Buttons and links get the colour, a little darker or lighter where that is needed to read them.
      </p>
    </Section>
  );
}

const maxLogo = 100 * 1024;

interface LogoProps {
  board: Board;
  mayWrite: boolean;
  onDone: (answer: Answer<Board>) => void;
}

/** The picture is kept the moment it is chosen: it is not part of the draft. */
function Logo({ board, mayWrite, onDone }: LogoProps) {
  const field = useRef<HTMLInputElement>(null);
  const logo = useLogo(board.id, (answer) => {
    toast(answer.data.logo ? 'The picture is kept.' : 'The picture is gone.');
    onDone(answer);
  });
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = '';
    if (!file) return;
    if (file.size > maxLogo) {
      toast(`That picture has ${Math.ceil(file.size / 1024)} KB. It may have up to 100 KB.`, {
        tone: 'problem',
      });
      return;
    }
    logo.mutate(file);
  };
  return (
    <div>
      <p className="mb-1.5 text-sm font-medium">Picture</p>
      <div className="flex items-center gap-3">
        <span className="flex size-14 shrink-0 items-center justify-center overflow-hidden rounded-md border border-line bg-sunken">
          {board.logo ? (
            <img
              src={`/api/v1/boards/${board.id}/logo?name=${board.logo}`}
              alt={`The mark of ${board.name}`}
              className="max-h-full max-w-full"
            />
          ) : (
            <ImagePlus size={20} strokeWidth={1.6} className="text-ink-faint" aria-hidden="true" />
          )}
        </span>
        <div className="min-w-0">
          {mayWrite && (
            <div className="flex items-center gap-2">
              <input
                ref={field}
                type="file"
                accept="image/png,image/jpeg,image/webp,image/gif"
                aria-label="The picture's file"
                onChange={choose}
                className="hidden"
              />
              <Button size="sm" busy={logo.isPending} onPress={() => field.current?.click()}>
                {board.logo ? 'Choose another one' : 'Choose a picture'}
              </Button>
              {board.logo && (
                <IconButton label="Take the picture away" onPress={() => logo.mutate(null)}>
                  <Trash2 size={15} />
                </IconButton>
              )}
            </div>
          )}
          <p className="mt-1.5 text-sm text-ink-faint">
            PNG, JPEG, WebP or GIF up to 100 KB. Where it was taken, and by whom, is not kept.
          </p>
        </div>
      </div>
    </div>
  );
}
