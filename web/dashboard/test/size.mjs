/* Weighs the built dashboard, gzipped: node test/size.mjs. Ends with 1 when it grew past what it may weigh. */
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../../../internal/dashboard/dist/', import.meta.url);
const weigh = (name) => gzipSync(readFileSync(new URL(name, dist))).length / 1024;
const html = readFileSync(new URL('index.html', dist), 'utf8');
const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map((m) => m[1]);
const scripts = readdirSync(new URL('assets/', dist)).filter((n) => n.endsWith('.js'));

// Scripts grow with the number of screens and nobody loads them all, so a total says little. What is felt is the first
// load, the heaviest screen, and how much a screen adds on average.
const router = readFileSync(new URL('../src/app/router.tsx', import.meta.url), 'utf8');
const screens = router.match(/lazyRouteComponent\(\(\) =>/g)?.length ?? 0;
const limits = {
  'first load (scripts and styles)': 165,
  'heaviest script of a screen': 40,
  'a screen on average': 6,
};
const later = scripts.filter((n) => !first.includes(`assets/${n}`)).map((n) => weigh(`assets/${n}`));
const sizes = {
  'first load (scripts and styles)': first.reduce((sum, name) => sum + weigh(name), 0),
  'heaviest script of a screen': Math.max(...later),
  'a screen on average': later.reduce((sum, size) => sum + size, 0) / screens,
};
for (const [what, size] of Object.entries(sizes)) {
  const isOver = size > limits[what];
  process.stdout.write(
    `${what}: ${size.toFixed(1)} KB of ${limits[what]} KB${isOver ? ', too heavy' : ''}\n`,
  );
  if (isOver) process.exitCode = 1;
}
