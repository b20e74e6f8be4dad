/**
 * Builds the templates of report pages: `dist/viewer/run.html` and `dist/viewer/study.html`, each one file with its script and
 * style inside and a content security policy that names their hashes, so that nothing else runs, whatever a report holds. The
 * policy has no source for connections: a report never talks to anybody. The page of a run has the whole core in its script,
 * packed (gzip, base64), which makes it a third as long; the page unpacks it when it is first asked to run something.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const POLICY_PLACE = '<!-- @@policy@@ -->';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'dist', 'viewer');

const hashesOf = (html, pattern) =>
  [...html.matchAll(pattern)].map(([, text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);

/** Browsers hash what stands between the tags, byte for byte. The script with the data is not run and needs none. */
function policyOf(html) {
  const scripts = hashesOf(html, /<script type="module"[^>]*>([^]*?)<\/script>/g);
  const styles = hashesOf(html, /<style[^>]*>([^]*?)<\/style>/g);
  if (scripts.length !== 1 || styles.length > 1) throw new Error('the page is not one script and one style');
  return [
    "default-src 'none'",
    `script-src ${scripts.join(' ')}`,
    `style-src ${styles.join(' ') || "'none'"}`,
    'worker-src blob:',
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The program of the worker, as a script of its own that a blob can hold: pages from disk start classic workers only. */
async function packedCore(outDir) {
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    // Libraries are otherwise left to find out in which environment they are.
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      lib: {
        entry: join(root, 'src/viewer/core/core-worker.ts'),
        formats: ['iife'],
        name: 'core',
        fileName: () => 'core.js',
      },
      minify: true,
    },
  });
  return gzipSync(readFileSync(join(outDir, 'core.js')), { level: 9 }).toString('base64');
}

async function buildPage(name, core, outDir) {
  process.env.RECONVERGE_PAGE = name;
  await build({
    configFile: join(root, 'vite.config.ts'),
    define: { RECONVERGE_CORE: JSON.stringify(core) },
    build: { outDir, emptyOutDir: true },
  });
  const html = readFileSync(join(outDir, 'index.html'), 'utf8').replaceAll('\r\n', '\n');
  if (html.split(POLICY_PLACE).length !== 2) throw new Error('the page has no single place for its policy');
  const policy = `<meta http-equiv="Content-Security-Policy" content="${policyOf(html)}" />`;
  const template = join(outDir, `${name}.html`);
  writeFileSync(
    template,
    html.replace(POLICY_PLACE, () => policy),
  );
  renameSync(template, join(folder, `${name}.html`));
}

process.chdir(root);
// Whoever calls this, a test too: libraries without what is for their developers.
process.env.NODE_ENV = 'production';
mkdirSync(folder, { recursive: true });
// In a folder of its own, and put in place at once: test files that find no template build it side by side.
const own = mkdtempSync(join(folder, 'build-'));
try {
  const core = await packedCore(join(own, 'core'));
  await buildPage('study', '', join(own, 'study'));
  // The last: who finds it finds the other one too.
  await buildPage('run', core, join(own, 'run'));
} finally {
  rmSync(own, { recursive: true, force: true });
}
