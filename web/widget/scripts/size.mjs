/** Fails when the widget has outgrown its budget. Sizes are gzip, as a visitor's browser receives them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const KB = 1024;
const LOADER = 3 * KB;
const ALL = 18 * KB;
/** One part that is fetched when somebody opens it: docs/adr/0011-the-widget-in-parts.md. */
const PART = 3 * KB;

const out = resolve(dirname(fileURLToPath(import.meta.url)), '../../../internal/widget/dist');
const gzipped = (file) => gzipSync(readFileSync(resolve(out, file)), { level: 9 }).length;
const assets = readdirSync(resolve(out, 'assets'));
const panelFile = assets.find((name) => /^panel-.*\.js$/.test(name));
if (!panelFile) throw new Error('no panel bundle: run the build first');

const loader = gzipped('widget.js');
const isLocale = (name) => /^[a-z]{2}-/.test(name);
/** A view of the panel that few visitors open; everything else the bundler split off counts as the panel. */
const isPart = (name) => /^[A-Z]\w+-/.test(name);
const panel = assets
  .filter((name) => !isLocale(name) && !isPart(name))
  .reduce((sum, name) => sum + gzipped(`assets/${name}`), 0);
const show = (name, bytes, limit) =>
  process.stdout.write(
    `${name.padEnd(28)}${(bytes / KB).toFixed(2).padStart(7)} KB${limit ? `  of ${limit / KB}` : ''}\n`,
  );

show('widget.js', loader, LOADER);
show(panelFile, panel);
show('loader and panel', loader + panel, ALL);
for (const name of assets.filter(isPart)) show(`  when opened ${name}`, gzipped(`assets/${name}`), PART);
for (const name of assets.filter(isLocale)) show(`  or ${name}`, gzipped(`assets/${name}`));

const parts = assets.filter(isPart).map((name) => gzipped(`assets/${name}`));
if (loader > LOADER || loader + panel > ALL || Math.max(...parts) > PART) {
  process.stderr.write('The widget has outgrown its budget.\n');
  process.exit(1);
}
