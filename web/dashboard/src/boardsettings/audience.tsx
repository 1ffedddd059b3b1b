import { VisibilityChoice } from '../boards/visibility';
import type { PartProps } from './form';
import { OneOf, Section, Tick } from './parts';

/** Who reads the board, and whether search engines do. */
export function Audience({ draft, set, mayWrite, wrong }: PartProps) {
  return (
    <Section id="audience" title="Who reads it">
      <fieldset disabled={!mayWrite}>
        <legend className="sr-only">Readers</legend>
        <VisibilityChoice
          value={draft.visibility}
          onChange={(visibility) => set({ visibility })}
          segmentId={draft.segment_id}
          onSegment={(segment_id) => set({ segment_id })}
          problem={wrong('segment_id')}
        />
      </fieldset>
      <Tick
        label="Search engines may list it"
        hint={
          draft.visibility === 'public'
            ? 'Only a board for everybody can be found by searching.'
            : 'Counts once everybody may read it.'
        }
        isOn={draft.indexable}
        isDisabled={!mayWrite}
        onChange={(indexable) => set({ indexable })}
      />
    </Section>
  );
}

const writers = [
  {
    id: 'contacts',
    label: 'Everybody who signs in',
    hint: 'Your team, too.',
  },
  {
    id: 'operators',
    label: 'Only your team',
    hint: 'Others vote and comment on what you put there.',
  },
] as const;

/** Who writes and votes, and what waits. */
export function TakingPart({ draft, set, mayWrite }: PartProps) {
  return (
    <Section id="taking-part" title="Taking part">
      <OneOf
        label="Who adds posts"
        name="posting"
        value={draft.posting}
        options={writers}
        onChange={(posting) => set({ posting })}
        isDisabled={!mayWrite}
      />
      <Tick
        label="What people write waits for approval"
        hint="Posts and comments are seen by nobody else until one of you lets them through."
        isOn={draft.approval}
        isDisabled={!mayWrite}
        onChange={(approval) => set({ approval })}
      />
      <Tick
        label="Votes without signing in"
        hint="One a browser. Nothing is kept of who it was; from one network at most 20 a day count for a post."
        isOn={draft.anonymous_votes}
        isDisabled={!mayWrite}
        onChange={(anonymous_votes) => set({ anonymous_votes })}
      />
    </Section>
  );
}

const fates = [
  {
    id: 'remove',
    label: 'Their words go with them',
    hint: 'Their posts, comments and votes are removed. A comment that others answered keeps its place, empty.',
  },
  {
    id: 'anonymise',
    label: 'Their words stay, without them',
    hint: 'Name and key go; posts and comments stay as written by nobody, and their votes stay counted. Words can tell who wrote them even so: choose this only where your privacy notice says it.',
  },
] as const;

/** What becomes of an erased person's contributions. */
export function Erasure({ draft, set, mayWrite }: PartProps) {
  return (
    <Section
      id="erasure"
      title="When somebody is erased"
      intro="People may ask for that (Article 17 GDPR), and data that is too old goes the same way."
    >
      <OneOf
        label="What becomes of what they gave this board"
        name="on_erasure"
        value={draft.on_erasure}
        options={fates}
        onChange={(on_erasure) => set({ on_erasure })}
        isDisabled={!mayWrite}
      />
    </Section>
  );
}
