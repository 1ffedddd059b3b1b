import type { Provider } from './data';

/** What leaves, by the API's word. */
const asked: Record<string, string> = {
  email: 'the address itself',
  email_sha256: 'a hash of the address',
  email_md5: 'a hash of the address',
  domain: "the address's domain",
  name: 'the name',
};

export function askedText(asks: string[]): string {
  const parts = [...new Set(asks.map((a) => asked[a] ?? a))];
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : (parts[0] ?? 'nothing');
}

const outcomes: Record<string, string> = {
  found: 'Found',
  unknown: 'Nothing is known there',
  provider_busy: 'It asked to be left alone for a while',
  provider_down: 'It did not work on their side',
  provider_slow: 'It took too long to answer',
  provider_pending: 'It needs more time',
  provider_refused: 'It refused the question',
  provider_may_not_say: 'It may not say, for legal reasons',
  provider_key_refused: 'It refused the secret',
  provider_payment_required: 'Its account there is used up',
  answer_wrong_type: 'It answered with something else than was asked for',
  answer_not_json: 'It answered with something else than was asked for',
  answer_broken: 'It answered with something that cannot be read',
  picture_too_large: 'Its picture is too large',
  picture_unreadable: 'Its picture cannot be read',
  egress_address: 'It leads to an address that is not public, so nothing was sent there',
  egress_url: 'Its address cannot be asked',
  egress_redirect: 'It sends on to somewhere else, so nothing was sent there',
  egress_too_large: 'Its answer is too large',
  egress_failed: 'It could not be reached',
  nothing_to_ask: 'There is nothing to ask it by',
  objected: 'They objected to being looked up',
  consent_missing: 'They did not consent',
  processing_restricted: 'The use of their data is restricted',
  contact_in_bin: 'They are in the bin',
  child: 'They are a child',
  age_unknown: 'Their age is not known',
  assessment_missing: 'An approved impact assessment is missing',
  enrichment_off: 'Looking up is switched off',
  no_provider: 'No provider is switched on',
  no_verified_address: 'They have no address that was verified',
  merged: 'They were joined with another contact',
  provider_off: 'It was switched off',
  provider_budget: 'Its limit is used up for now',
  address_changed: 'Their address changed meanwhile, so it is asked again',
};

/** What came of a question, or why it was not asked. */
export const outcomeText = (code: string): string =>
  outcomes[code] ?? code.replaceAll('_', ' ').replace(/^./, (c) => c.toUpperCase());

const fields: Record<string, string> = {
  name: 'Name',
  first_name: 'First name',
  last_name: 'Last name',
  avatar_url: 'Picture',
  'attributes.company': 'Company',
  'attributes.company_domain': 'Company domain',
  'attributes.job_title': 'Title',
};

export const fieldText = (field: string): string =>
  fields[field] ?? field.replace(/^attributes\./, '').replaceAll('_', ' ');

/** The kinds that need no definition. */
export const fixed: { kind: Exclude<Provider['kind'], 'http'>; name: string; about: string }[] = [
  { kind: 'gravatar', name: 'Gravatar', about: 'Name and picture, by a hash of the address alone.' },
  { kind: 'libravatar', name: 'Libravatar', about: 'A picture, by a hash of the address alone.' },
  {
    kind: 'website',
    name: 'Company website',
    about: "The company's name from its own website, by the address's domain.",
  },
];
