import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Puts the theme script into the head as a file of its own: the content security policy allows no inline script. */
function themeBoot(): Plugin {
  const source = readFileSync(new URL('./src/theme-boot.js', import.meta.url), 'utf8');
  const fileName = `assets/theme-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.js`;
  return {
    name: 'botimum:theme-boot',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'asset', fileName, source });
    },
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: `/${fileName}` }, injectTo: 'head-prepend' }],
  };
}

/** The dashboard speaks English so far: React Aria's other thirty-odd languages stay out of the bundle. */
function onlyEnglish(): Plugin {
  return {
    name: 'botimum:only-english',
    enforce: 'pre',
    load(id) {
      if (!/react-(aria|stately)/.test(id)) return null;
      const locale = /\/([a-z]{2}-[A-Z]{2})\.mjs$/.exec(id)?.[1];
      return locale && locale !== 'en-US' ? 'export default {}' : null;
    },
  };
}

const outDir = new URL('../../internal/dashboard/dist/', import.meta.url);

/** Empties the output but for .gitkeep, which the Go embed needs in a fresh clone. */
function sweep(): Plugin {
  return {
    name: 'botimum:sweep',
    apply: 'build',
    buildStart() {
      rmSync(new URL('assets', outDir), { recursive: true, force: true });
      rmSync(new URL('index.html', outDir), { force: true });
    },
  };
}

export default defineConfig({
  plugins: [sweep(), react(), tailwindcss(), themeBoot(), onlyEnglish()],
  build: {
    outDir: outDir.pathname,
    emptyOutDir: false,
    target: 'es2022',
    cssTarget: ['chrome123', 'safari17.5', 'firefox120'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false, // a group takes what it names, not what that needs: that is others', too
          groups: [
            { name: 'icons', test: /node_modules\/lucide-react\//, priority: 40 },
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\//, priority: 30 },
            {
              name: 'tanstack',
              test: /node_modules\/@tanstack\/(react-|router-|query-|history|store)/,
              priority: 20,
            },
            // What an area's screens share compresses better as one file than as a dozen.
            { name: 'boards', test: /src\/boards\//, minShareCount: 2, priority: 10 },
            { name: 'importing', test: /src\/importing\//, minShareCount: 2, priority: 10 },
            {
              name: 'enriching',
              test: /src\/(enriching|merging|segments)\//,
              minShareCount: 2,
              priority: 10,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': process.env['BOTIMUM_API'] ?? 'http://127.0.0.1:8080' } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
});
