import { Problem, problemText } from '../api/problem';
import type { Import, ImportColumn, ImportTally } from './data';

export const count = (n: number) => n.toLocaleString('en');
export const some = (n: number, one: string, many: string) => (n === 1 ? `1 ${one}` : `${count(n)} ${many}`);
export const people = (n: number) => some(n, 'person', 'people');

export const stateWords: Record<Import['state'], string> = {
  uploading: 'On its way',
  ready: 'Not started',
  checking: 'Being checked',
  queued: 'Waiting',
  running: 'Running',
  done: 'Done',
  canceled: 'Stopped',
  failed: 'Failed',
  undoing: 'Being undone',
  undone: 'Undone',
};

/** Why an import failed, and what to do. */
export const whyWords: Record<string, string> = {
  too_many_rows:
    'The table has more than a million rows. Split it, and import the parts one after the other.',
  too_broken:
    'More than a hundred rows open a quote and do not close it. Save the table anew as CSV, or say that its cells do not stand in quotes.',
  too_many_columns: 'The table has more than 500 columns. Take out those that you do not need.',
  settings_broken:
    'Its purpose or its columns are not valid any more. Somebody changed them meanwhile; upload the file again.',
  file_gone: 'The file was destroyed before it was read to its end. Upload it again.',
};

const megabyte = 1 << 20;
const maxBytes = 256 * megabyte;

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < megabyte) return `${count(Math.round(bytes / 1024))} KB`;
  return `${count(Math.round(bytes / megabyte))} MB`;
}

/** What is wrong with a file that need not be sent to be known. */
export function refused(file: { name: string; size: number }): string | null {
  if (file.size === 0) return 'This file is empty. Export the table again, and look whether it has rows.';
  if (file.size > maxBytes) {
    return `This file has ${size(file.size)}, and up to 256 MB are taken. Split the table into several files, and import them one after the other: they wait for each other.`;
  }
  if (/\.(xlsx?|xlsm|ods|numbers)$/i.test(file.name)) {
    return 'This is a workbook, not a table in text. Open it, choose “Save as” or “Export”, take “CSV UTF-8”, and drop that file here.';
  }
  return null;
}

const advice: [RegExp, string][] = [
  [/is empty/, 'The file is empty. Export the table again, and look whether it has rows.'],
  [
    /no row/,
    'There is nobody in the file: it has no row, or only a heading. Look whether the export had a filter on.',
  ],
  [
    /Excel|workbook/,
    'This is a workbook, not a table in text. Open it, choose “Save as” or “Export”, take “CSV UTF-8”, and drop that file here.',
  ],
  [
    /500 columns/,
    'The table has more than 500 columns. Take out those that you do not need, save it as CSV, and try again.',
  ],
  [
    /null characters/,
    'This does not look like text. Open the table in a spreadsheet, save it as “CSV UTF-8”, and try again.',
  ],
  [
    /longer than 1 MB/,
    'The first row is longer than 1 MB, so this is hardly a table of people. Save the table as CSV, with one row for each person.',
  ],
  [
    /no quote in it is closed/,
    'A quote is opened in the first rows and never closed. Save the table anew as “CSV UTF-8” in a spreadsheet.',
  ],
];

/** Why a file was not taken, in words that say what to do. */
export function fileProblem(error: unknown): string {
  if (!(error instanceof Problem)) return problemText(error);
  const detail = error.field('file');
  if (!detail) return problemText(error);
  const known = advice.find(([sign]) => sign.test(detail));
  return known ? known[1] : `The file ${detail.charAt(0).toLowerCase()}${detail.slice(1)}`;
}

export const encodings: [string, string][] = [
  ['utf-8', 'UTF-8'],
  ['windows-1252', 'Windows (western)'],
  ['iso-8859-1', 'ISO 8859-1 (Latin 1)'],
  ['iso-8859-15', 'ISO 8859-15 (Latin 9)'],
  ['utf-16le', 'UTF-16 (Excel’s “Unicode text”)'],
  ['utf-16be', 'UTF-16, big-endian'],
];

export const separators: [string, string][] = [
  [',', 'Commas'],
  [';', 'Semicolons'],
  ['\t', 'Tabs'],
  ['|', 'Bars'],
];

export const dateOrders: [string, string][] = [
  ['ymd', '2026-11-25'],
  ['dmy', '25.11.2026 or 25/11/2026'],
  ['mdy', '11/25/2026'],
];

export const matchWords: Record<string, string> = {
  email: 'e-mail address',
  external_id: 'external id',
  phone: 'phone number',
};

/** What a column may be for, in groups, but for attributes and consents. */
export const fields: [string, [string, string][]][] = [
  [
    'Who it is',
    [
      ['email', 'E-mail address'],
      ['name', 'Full name'],
      ['first_name', 'First name'],
      ['last_name', 'Last name'],
      ['phone', 'Phone number'],
      ['external_id', 'External id'],
      ['locale', 'Language'],
      ['timezone', 'Time zone'],
      ['avatar_url', 'Picture (address)'],
    ],
  ],
  [
    'Where they belong',
    [
      ['company', 'Company, by name'],
      ['company_domain', 'Company, by domain'],
      ['tags', 'Tags'],
    ],
  ],
];

export const basisFields: [string, string][] = [
  ['basis.purpose', 'Purpose of the row'],
  ['basis.lawful_basis', 'Lawful basis of the row'],
  ['basis.evidence', 'How you know, of the row'],
];

export const consentFields: [string, string][] = [
  ['consent_at', 'When they decided'],
  ['consent_evidence', 'How you know it'],
];

/** What a column is for, in words; attributes and consents by their own name. */
export function targetWord(target: string, named: (target: string) => string | undefined): string {
  if (!target) return 'Left out';
  const plain = [...fields.flatMap(([, all]) => all), ...basisFields, ...consentFields].find(
    ([id]) => id === target,
  );
  return plain?.[1] ?? named(target) ?? target.slice(target.indexOf('.') + 1);
}

export const hasConsents = (columns: ImportColumn[]) => columns.some((c) => c.target.startsWith('consent.'));

/** What came of an import so far, in a line. */
export function tallyLine(t: ImportTally): string {
  const parts = [
    t.created > 0 && `${count(t.created)} new`,
    t.updated > 0 && `${count(t.updated)} changed`,
    t.failed > 0 && `${count(t.failed)} with errors`,
    t.withheld > 0 && `${count(t.withheld)} left alone`,
  ].filter(Boolean);
  return [some(t.rows, 'row', 'rows'), ...parts].join(' · ');
}
