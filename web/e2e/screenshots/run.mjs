/** `npm run screenshots -w e2e -- FOLDER [name]`: pictures of every screen, or of those whose name has that in it. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const [folder, name] = process.argv.slice(2);
if (!folder) {
  process.stderr.write('Say where the pictures go: npm run screenshots -w e2e -- FOLDER\n');
  process.exit(2);
}
const run = spawnSync('playwright', ['test', '-c', 'screenshots.config.ts', ...(name ? ['-g', name] : [])], {
  stdio: 'inherit',
  env: { ...process.env, BOTIMUM_SCREENSHOTS: resolve(process.env.INIT_CWD ?? '.', folder) },
});
process.exit(run.status ?? 1);
