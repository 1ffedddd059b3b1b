import { Columns3 } from 'lucide-react';
import { Button } from '../../ui/button';
import { Menu } from '../../ui/menu';
import { type Column, type ColumnId, setColumns, toggled } from './columns';

interface ColumnChoiceProps {
  all: Column[];
  chosen: readonly ColumnId[];
}

/** Says which columns the list has, in this browser. On a phone the list has cards instead. */
export function ColumnChoice({ all, chosen }: ColumnChoiceProps) {
  const item = (c: Column) => ({
    id: c.id,
    label: c.label,
    isChosen: chosen.includes(c.id),
    onAction: () => setColumns(toggled(all, chosen, c.id)),
  });
  return (
    <span className="max-md:hidden">
      <Menu
        label="Columns"
        placement="bottom end"
        trigger={
          <Button look="quiet" icon={<Columns3 size={15} aria-hidden="true" />}>
            Columns
          </Button>
        }
        groups={[
          { id: 'own', items: all.filter((c) => !c.id.startsWith('attributes.')).map(item) },
          {
            id: 'attributes',
            title: 'Attributes',
            items: all.filter((c) => c.id.startsWith('attributes.')).map(item),
          },
        ]}
      />
    </span>
  );
}
