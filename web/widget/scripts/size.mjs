/** Fails when the widget has outgrown its budget. Sizes are gzip, as a visitor's browser receives them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const KB = 1024;
const LOADER = 3 * KB;
const ALL = 18 * KB;

const out = resolve(dirname(fileURLToPath(import.meta.url)), '../../../internal/widget/dist');
const gzipped = (file) => gzipSync(readFileSync(resolve(out, file)), { level: 9 }).length;
const assets = readdirSync(resolve(out, 'assets'));
const panelFile = assets.find((name) => /^panel-.*\.js$/.test(name));
if (!panelFile) throw new Error('no panel bundle: run the build first');

const loader = gzipped('widget.js');
const isLocale = (name) => /^[a-z]{2}-/.test(name);
/** Everything that is not a language counts, whatever the bundler split off. */
const panel = assets
  .filter((name) => !isLocale(name))
  .reduce((sum, name) => sum + gzipped(`assets/${name}`), 0);
const show = (name, bytes, limit) =>
  process.stdout.write(
    `${name.padEnd(28)}${(bytes / KB).toFixed(2).padStart(7)} KB${limit ? `  of ${limit / KB}` : ''}\n`,
  );

show('widget.js', loader, LOADER);
show(panelFile, panel);
show('loader and panel', loader + panel, ALL);
for (const name of assets.filter(isLocale)) show(`  or ${name}`, gzipped(`assets/${name}`));

if (loader > LOADER || loader + panel > ALL) {
  process.stderr.write('The widget has outgrown its budget.\n');
  process.exit(1);
}
