import { Plus } from 'lucide-react';
import { Button } from '../ui/button';
import type { DraftCategory } from './draft';
import type { PartProps } from './form';
import { Section } from './parts';
import { focusLast, Rows } from './rows';

const most = 50;

/** What posts are sorted by. Without any, a category is whatever somebody writes. */
export function Categories({ draft, set, mayWrite, wrong, isTried }: PartProps) {
  const all = draft.categories;
  const problem = (c: DraftCategory, i: number) => {
    if (c.isNew && !c.name && !isTried) return undefined;
    const at = (field: string) => wrong(`categories[${i}].${field}`);
    return at('name') ?? at('color') ?? at('key');
  };
  const add = () => {
    set({
      categories: [...all, { id: crypto.randomUUID(), isNew: true, key: '', name: '', color: draft.color }],
    });
    focusLast('category');
  };
  return (
    <Section
      id="categories"
      title="Categories"
      intro={
        all.length
          ? 'A post is in one of these, or in none. Give one another name, and its posts follow.'
          : 'None yet: until there are some, a category is any word that somebody writes.'
      }
    >
      {all.length > 0 && (
        <Rows
          noun="category"
          all={all}
          onChange={(categories) => set({ categories })}
          mayWrite={mayWrite}
          edit={(one, to) => ({ ...one, ...to })}
          problem={problem}
        />
      )}
      {wrong('categories') && (
        <p role="alert" className="text-sm text-loss-text">
          {wrong('categories')}
        </p>
      )}
      {mayWrite && all.length < most && (
        <Button size="sm" icon={<Plus size={14} aria-hidden="true" />} onPress={add}>
          Add a category
        </Button>
      )}
    </Section>
  );
}
