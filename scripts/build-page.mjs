/**
 * Builds the template of report pages: `dist/viewer/template.html`, one file with its script and style inside and a content
 * security policy that names their hashes, so that nothing else runs, whatever a report holds. The policy has no source for
 * connections: a report never talks to anybody.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

process.chdir(root);
mkdirSync(folder, { recursive: true });
// In a folder of its own, and put in place at once: test files that find no template build it side by side.
const own = mkdtempSync(join(folder, 'build-'));
try {
  await build({ configFile: join(root, 'vite.config.ts'), build: { outDir: own } });
  const html = readFileSync(join(own, 'index.html'), 'utf8').replaceAll('\r\n', '\n');
  if (html.split(POLICY_PLACE).length !== 2) throw new Error('the page has no single place for its policy');
  const policy = `<meta http-equiv="Content-Security-Policy" content="${policyOf(html)}" />`;
  const template = join(own, 'template.html');
  writeFileSync(
    template,
    html.replace(POLICY_PLACE, () => policy),
  );
  renameSync(template, join(folder, 'template.html'));
} finally {
  rmSync(own, { recursive: true, force: true });
}
