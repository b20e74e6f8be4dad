/**
 * `npm run check`: everything that must hold besides the tests. All steps run even when one fails, so that one call shows
 * every complaint; the last lines say which steps failed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const tool = (path) => join('node_modules', path);

const STEPS = [
  ['format', tool('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'],
  ['lint', tool('eslint/bin/eslint.js'), '.'],
  ['layers', tool('dependency-cruiser/bin/dependency-cruise.mjs'), 'src', '--config', '.dependency-cruiser.cjs'],
  ['types', tool('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'],
  ['types of the page', tool('typescript/bin/tsc'), '--noEmit', '-p', 'src/viewer/tsconfig.json'],
  ['generated files', tool('tsx/dist/cli.mjs'), 'scripts/generate.ts', '--check'],
  ['docs', tool('vitest/vitest.mjs'), 'run', 'test/docs', '--reporter=dot'],
];

const failed = STEPS.filter(([name, ...args]) => {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  console.log(`${status === 0 ? '✓' : '✗'} ${name}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return status !== 0;
}).map(([name]) => name);

if (failed.length > 0) {
  console.log(`failed: ${failed.join(', ')}`);
  process.exit(1);
}
