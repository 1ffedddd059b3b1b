/** Builds the panel, then the loader that knows the panel's hashed name, into the folder that the Go binary embeds. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { settings } from '../vite.config.mjs';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const out = resolve(here, '../../internal/widget/dist');

mkdirSync(out, { recursive: true });
for (const name of readdirSync(out)) if (name !== '.gitkeep') rmSync(resolve(out, name), { recursive: true });

const panel = await build({
  ...settings,
  root: here,
  build: {
    ...settings.build,
    outDir: out,
    emptyOutDir: false,
    lib: { entry: resolve(here, 'src/panel/main.tsx'), formats: ['es'] },
    rolldownOptions: {
      preserveEntrySignatures: 'allow-extension', // what parts share with the panel stays in the panel
      output: {
        minify: true,
        entryFileNames: 'assets/panel-[hash].js',
        chunkFileNames: 'assets/[name]-[hash:6].js',
      },
    },
  },
});
const entry = panel[0].output.find((file) => file.isEntry);

await build({
  ...settings,
  root: here,
  define: { __PANEL__: JSON.stringify(entry.fileName.replace('assets/', '')) },
  build: {
    ...settings.build,
    outDir: out,
    emptyOutDir: false,
    rolldownOptions: {
      input: resolve(here, 'src/loader/loader.ts'),
      output: { format: 'iife', entryFileNames: 'widget.js' },
    },
  },
});
