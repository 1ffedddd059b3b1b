import type { Company } from './data';
import { bareAddress, people, shown } from './words';

interface Fact {
  label: string;
  value: string;
  isAdded: boolean;
}

/** What the one company says after the other became a part of it. */
export function resultOf(stays: Company, goes: Company): Fact[] {
  const domains = [...new Set([...stays.domains, ...goes.domains])];
  const facts: Fact[] = [
    { label: 'Name', value: stays.name, isAdded: false },
    { label: 'People', value: people(stays.people + goes.people), isAdded: goes.people > 0 },
    {
      label: 'Domains',
      value: domains.join(', ') || '–',
      isAdded: domains.length > stays.domains.length,
    },
    {
      label: 'Website',
      value: bareAddress(stays.website || goes.website) || '–',
      isAdded: !stays.website && goes.website !== '',
    },
  ];
  for (const [name, value] of Object.entries({ ...goes.attributes, ...stays.attributes })) {
    facts.push({
      label: name.replaceAll('_', ' '),
      value: shown(value),
      isAdded: !(name in stays.attributes),
    });
  }
  return facts;
}
