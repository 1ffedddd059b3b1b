import { Problem, problemText } from '../api/problem';
import type { Company } from './data';

/** How many people, in words. */
export function people(n: number): string {
  return n === 1 ? '1 person' : `${n.toLocaleString('en')} people`;
}

/** Through what a company came, in words; nothing where somebody entered it. */
export function cameBy({ source }: Company): string | null {
  if (source === 'domain') return 'It came by itself, from the address of somebody who belongs to it.';
  if (source === 'import') return 'It came in with an import.';
  if (source === 'api') return 'Your own system added it.';
  return null;
}

/** What a value says, on screen. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return String(value);
}

/** What is wrong with one field; that a domain is taken is said at the domains. */
export function fieldProblem(error: unknown, field: string): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  if (field === 'domains' && error.code === 'domain_taken') return error.message;
  return error.field(field);
}

/** What is wrong and belongs to none of these fields. */
export function otherProblem(error: unknown, ...fields: string[]): string | undefined {
  if (!error || fields.some((f) => fieldProblem(error, f))) return undefined;
  return problemText(error);
}

/** The address of a website as a person reads it. */
export function bareAddress(url: string): string {
  return url.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
}
