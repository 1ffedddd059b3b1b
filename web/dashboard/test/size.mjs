/* Weighs the built dashboard, gzipped: node test/size.mjs. Ends with 1 when it grew past what it may weigh. */
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../../../internal/dashboard/dist/', import.meta.url);
const weigh = (name) => gzipSync(readFileSync(new URL(name, dist))).length / 1024;
const html = readFileSync(new URL('index.html', dist), 'utf8');
const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1]);
const scripts = readdirSync(new URL('assets/', dist)).filter((n) => n.endsWith('.js'));

// All scripts grow with the number of screens; nobody loads all. What one screen adds is what is felt. 330 became 400
// with the screens of the CRM: segments, duplicates, enrichment, assessments, notes.
const limits = {
  'first load (scripts and styles)': 165,
  'heaviest script of a screen': 40,
  'all scripts': 400,
};
const sizes = {
  'first load (scripts and styles)': first.reduce((sum, name) => sum + weigh(name), 0),
  'heaviest script of a screen': Math.max(
    ...scripts.filter((n) => !first.includes(`assets/${n}`)).map((name) => weigh(`assets/${name}`)),
  ),
  'all scripts': scripts.reduce((sum, name) => sum + weigh(`assets/${name}`), 0),
};
for (const [what, size] of Object.entries(sizes)) {
  const isOver = size > limits[what];
  process.stdout.write(
    `${what}: ${size.toFixed(1)} KB of ${limits[what]} KB${isOver ? ', too heavy' : ''}\n`,
  );
  if (isOver) process.exitCode = 1;
}
