import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minify } from 'terser';
import { tokens } from './scripts/tokens.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Names that only the panel's own objects carry: not the DOM, the wire, localStorage, other tabs, the loader or the
 * locale files. They may be shortened.
 */
const INNER =
  /^(alone|adopt|amend|became|changed|connected|conversations|divider|drafts|dropDraft|ensure|exclusive|flush|following|hear|initial|keep|listen|loadOlder|mine|older|on(Change|Failed|Frame|Gone|Look|Lost|Message|Sent|Session|State)|outbox|retryAfter|saved|saveDraft|sessionKey|setLocale|settle|showLauncher|skipEmail|sweep|sync|take|threadOf|threads|wake|wrong)$/;

/** JSX becomes calls of `h`, which is smaller than the jsx runtime; this imports it where there is JSX. */
function preactJsx() {
  return {
    name: 'botimum-jsx',
    enforce: 'pre',
    transform: (code, id) => (id.endsWith('.tsx') ? `import { h } from 'preact';${code}` : null),
  };
}

/** Squeezes harder than the bundler does; nothing bundles the result again. */
function squeeze() {
  /** What a name was shortened to in one file, it is in all: the parts speak with the panel. */
  const nameCache = {};
  return {
    name: 'botimum-squeeze',
    async generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue;
        const { code } = await minify(file.code, {
          module: true,
          ecma: 2022,
          compress: {
            passes: 3,
            pure_getters: true,
            unsafe_arrows: true,
            unsafe_methods: true,
            keep_fargs: false,
          },
          mangle: { properties: { regex: INNER } },
          nameCache,
        });
        file.code = code;
      }
    },
  };
}

/** Shared by the build and the tests. */
export const settings = {
  configFile: false,
  logLevel: 'warn',
  resolve: { alias: { '@botimum/browser/types': resolve(here, '../sdk/src/types.ts') } },
  plugins: [preactJsx(), tokens(resolve(here, '../tokens/tokens.css')), squeeze()],
  oxc: { jsx: { runtime: 'classic', pragma: 'h' } },
  build: {
    target: 'es2022',
    cssTarget: ['chrome124', 'safari17.5', 'firefox120'], // newer than what is asked of a visitor: nothing here needs lowering
    modulePreload: false,
    minify: true,
    sourcemap: false,
    reportCompressedSize: false,
    copyPublicDir: false,
  },
};

export default {
  ...settings,
  root: here,
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    restoreMocks: true,
    testTimeout: 30_000, // a browser on a busy machine takes its time
  },
};
