import { SelectField, TextArea, TextField } from '../ui/field';
import type { Definition } from './data';

/** What an answer may be mapped to. */
const targets = [
  { key: 'name', label: 'Full name', example: 'data.name.full' },
  { key: 'first_name', label: 'First name', example: 'data.name.given' },
  { key: 'last_name', label: 'Last name', example: 'data.name.family' },
  { key: 'company', label: 'Company', example: 'data.company.name' },
  { key: 'company_domain', label: 'Company domain', example: 'data.company.domain' },
  { key: 'title', label: 'Title', example: 'data.title' },
  { key: 'avatar_url', label: 'Picture', example: 'data.photo' },
  { key: 'url', label: 'Page about them', example: 'data.url' },
] as const;

/** A definition as it is being written. */
export interface Draft {
  url: string;
  method: 'GET' | 'POST';
  headers: string;
  body: string;
  mapping: Record<string, string>;
  kept: Definition | null;
}

export const draftOf = (d: Definition | null): Draft => ({
  url: d?.url ?? 'https://',
  method: d?.method ?? 'GET',
  headers: (d?.headers ?? []).map((h) => `${h.name}: ${h.value}`).join('\n'),
  body: d?.body ?? '',
  mapping: d?.mapping ?? {},
  kept: d,
});

/** The definition that was written; what the form does not show stays. */
export function definitionOf(d: Draft): Definition {
  const mapping = Object.fromEntries(
    Object.entries(d.mapping)
      .map(([field, path]) => [field, path.trim()] as const)
      .filter(([, path]) => path),
  );
  const headers = d.headers
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const [name = '', ...rest] = line.split(':');
      return { name: name.trim(), value: rest.join(':').trim() };
    });
  const { body: _, ...kept } = d.kept ?? { body: '' };
  return {
    ...kept,
    url: d.url.trim(),
    method: d.method,
    headers,
    mapping,
    ...(d.method === 'POST' && d.body.trim() && { body: d.body.trim() }),
  };
}

interface Props {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  of: (field: string) => string | undefined;
}

/** How an API is asked, and where its answer says what. */
export function DefinitionFields({ draft: d, setDraft, of }: Props) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
        <TextField
          label="Address"
          type="text"
          inputMode="url"
          spellCheck={false}
          placeholder="https://api.example.org/people?email={email}"
          hint="With {email}, {email_sha256}, {email_md5}, {domain} or {name} where they belong."
          value={d.url}
          onChange={(e) => setDraft({ ...d, url: e.target.value })}
          problem={of('url')}
        />
        <SelectField
          label="Method"
          value={d.method}
          onChange={(e) => setDraft({ ...d, method: e.target.value as Draft['method'] })}
          problem={of('method')}
        >
          <option>GET</option>
          <option>POST</option>
        </SelectField>
      </div>
      {d.method === 'POST' && (
        <TextArea
          label="Body"
          spellCheck={false}
          className="font-mono"
          hint="JSON, with the same places inside of quotes."
          value={d.body}
          onChange={(e) => setDraft({ ...d, body: e.target.value })}
          problem={of('body')}
        />
      )}
      <TextArea
        label="Headers"
        rows={2}
        spellCheck={false}
        placeholder="Authorization: Bearer {secret}"
        hint="One a line. {secret} is the secret below."
        value={d.headers}
        onChange={(e) => setDraft({ ...d, headers: e.target.value })}
        problem={of('headers')}
      />
      <fieldset>
        <legend className="mb-1.5 text-sm font-medium">Where the answer says it</legend>
        <div className="grid grid-cols-2 gap-x-4 gap-y-3">
          {targets.map((t) => (
            <TextField
              key={t.key}
              label={t.label}
              spellCheck={false}
              placeholder={t.example}
              value={d.mapping[t.key] ?? ''}
              onChange={(e) => setDraft({ ...d, mapping: { ...d.mapping, [t.key]: e.target.value } })}
            />
          ))}
        </div>
        {of('mapping') && (
          <p role="alert" className="mt-1.5 text-sm text-loss-text">
            {of('mapping')}
          </p>
        )}
      </fieldset>
    </>
  );
}
