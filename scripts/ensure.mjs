/**
 * Makes a fresh clone ready: `node scripts/ensure.mjs install` installs the dependencies, `… build` also compiles `src`
 * to `dist` and builds the page of reports there. Each does nothing when its stamp (a hash of what it depends on) is still right, so a second call takes a
 * fraction of a second. Only node's own modules are used here: this runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lockPath = join(root, 'package-lock.json');
const modulesPath = join(root, 'node_modules');
const installStampPath = join(modulesPath, '.reconverge-lock-hash');
const buildStampPath = join(root, 'dist', '.source-hash');
/** What the page of reports is built with, beside its sources. */
const PAGE_FILES = ['vite.config.ts', 'scripts/build-page.mjs'];
const pagePath = join(root, 'dist', 'viewer', 'run.html');
const entryPath = join(root, 'dist', 'cli', 'main.js');

const hashOf = (parts) =>
  parts.reduce((hash, part) => hash.update(part).update('\0'), createHash('sha256')).digest('hex');
const readText = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
// Standard output belongs to the command that follows (`npm start --silent -- --json | jq`).
const say = (text) => process.stderr.write(`${text}\n`);

/** Is what npm recorded as installed the same as the lock asks for? True after a plain `npm ci` or `npm install`. */
export function isInstalledAsLocked(lock, installed) {
  const wanted = Object.entries(lock.packages).filter(([path]) => path !== '');
  const missing = wanted.some(([path, { version, optional }]) => {
    const found = installed.packages[path];
    return found === undefined ? optional !== true : found.version !== version;
  });
  return !missing && Object.keys(installed.packages).every((path) => lock.packages[path] !== undefined);
}

function isInstalled(lockText) {
  if (readText(installStampPath) === hashOf([lockText])) return true;
  const installedText = readText(join(modulesPath, '.package-lock.json'));
  return installedText !== '' && isInstalledAsLocked(JSON.parse(lockText), JSON.parse(installedText));
}

/** Run a program with our standard streams, its standard output on our standard error. Ends this process if it fails. */
function runOrExit(what, program, args, options = {}) {
  const { status, signal, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (status === 0) return;
  say(`${what} failed${error ? `: ${error.message}` : ''}`);
  process.exit(signal === 'SIGINT' ? 130 : (status ?? 1));
}

function npmCi() {
  // Development packages too, whatever NODE_ENV says: the compiler is one of them.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npmScript = process.env.npm_execpath;
  if (npmScript?.endsWith('.js')) runOrExit('npm ci', process.execPath, [npmScript, ...args]);
  else runOrExit('npm ci', 'npm', args, { shell: process.platform === 'win32' });
}

function ensureInstalled() {
  const lockText = readFileSync(lockPath, 'utf8');
  if (!isInstalled(lockText)) {
    say('installing what package-lock.json names (once) …');
    npmCi();
  }
  if (readText(installStampPath) !== hashOf([lockText])) writeFileSync(installStampPath, hashOf([lockText]));
}

function sourceHash() {
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .map((name) => join('src', String(name)))
    .filter((name) => /[.](ts|tsx|css|html|json)$/.test(name))
    .sort();
  const files = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    ...PAGE_FILES,
    ...sources,
  ];
  return hashOf(files.flatMap((name) => [name, readFileSync(join(root, name))]));
}

function ensureBuilt() {
  const hash = sourceHash();
  if (readText(buildStampPath) === hash && existsSync(entryPath) && existsSync(pagePath)) return;
  say('building …');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  runOrExit('the build', process.execPath, [
    join(modulesPath, 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  runOrExit('the build of the page', process.execPath, [join('scripts', 'build-page.mjs')]);
  chmodSync(entryPath, 0o755);
  writeFileSync(buildStampPath, hash);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    say(`Reconverge needs Node 20.19 or newer; this is ${process.versions.node}`);
    process.exit(3);
  }
  ensureInstalled();
  if (process.argv[2] === 'build') ensureBuilt();
}
