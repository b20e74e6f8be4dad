import { request } from 'node:http';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { opener } from '../../src/cli/viewing/open-browser.ts';
import { serveFolder } from '../../src/cli/viewing/serve-folder.ts';
import type { Served } from '../../src/cli/viewing/serve-folder.ts';
import { fakeTerminal } from './fake-terminal.ts';

const home = mkdtempSync(join(tmpdir(), 'reconverge-view-'));
const run = join(home, 'away-7');
afterAll(() => rmSync(home, { recursive: true, force: true }));

const SCENARIO = `
format: 1
name: away | with <b>markup</b>
database: cassandra@4.1
seed: 7
start: 2026-03-02T00:00:00Z
duration: 20m
cluster: { nodes: { dc1: { r1: 1, r2: 1, r3: 1 } }, settings: { max_hint_window: 2m } }
data:
  keyspaces: { shop: { replication: { dc1: 3 } } }
  tables: { shop.orders: { partitions: 500, row: 1kB, loaded: equal } }
workload: { checkout: { table: shop.orders, rate: { poisson: 5/s }, keys: uniform, consistency: QUORUM } }
faults: { n3-away: { fault: crash, node: n3, mode: process, at: 2m, for: 8m } }
repairs: { by-hand: { repair: nodetool, node: n3, run: "nodetool repair -full shop orders", at: 15m } }
`;

/** As the program is: with a template. */
function terminal() {
  const template =
    '<title>@@page-title@@</title><script type="application/json" id="page-data">"@@page-data@@"</script>';
  return Object.assign(fakeTerminal({ folder: home }), { pageTemplate: () => template });
}

async function typed(...words: string[]) {
  const own = terminal();
  const code = await program(words, own);
  return { code, out: own.outText(), err: own.errText() };
}

beforeAll(async () => {
  writeFileSync(join(home, 'away.yaml'), SCENARIO);
  expect((await typed('run', 'away.yaml', '--out', run)).code).toBe(0);
});

interface Answer {
  status: number;
  text: string;
}

/** As it is typed: no client tidies the path. */
function ask(
  served: Served,
  path: string,
  { host, method = 'GET' }: { host?: string; method?: string } = {},
): Promise<Answer> {
  const { port } = new URL(served.address);
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject).end();
  });
}

describe('what is served', () => {
  let served: Served;
  beforeAll(async () => {
    writeFileSync(join(home, 'secret.txt'), 'secret');
    writeFileSync(join(run, 'notes.txt'), 'not ours');
    symlinkSync(join(home, 'secret.txt'), join(run, 'series.parquet'));
    served = await serveFolder(run, { port: 0, page: 'report.html' });
  });
  afterAll(async () => {
    await served.close();
    for (const name of ['notes.txt', 'series.parquet']) rmSync(join(run, name));
  });

  it('is the page and the files of the run, on this machine alone', async () => {
    expect(served.address).toMatch(/^http:\/\/127[.]0[.]0[.]1:\d+\/$/);
    expect((await ask(served, '/')).text).toContain('<title>away | with &lt;b&gt;markup&lt;/b&gt;</title>');
    expect(JSON.parse((await ask(served, '/result.json?x=1')).text)).toMatchObject({ seed: '7' });
    expect((await ask(served, '/series.csv', { method: 'HEAD' })).text).toBe('');
  });

  it.each([
    ...['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '//etc/passwd', '/notes.txt', '/series.parquet'],
    ...['/result.json/', '/./result.json', '/\\result.json', '/report.html%00', '/__proto__'],
  ])('is nothing else: %s', async (path) => {
    expect(await ask(served, path)).toMatchObject({ status: 404, text: 'no such file of this run\n' });
  });

  it('is for nobody who comes by another name, and only shown', async () => {
    expect((await ask(served, '/', { host: 'evil.example' })).status).toBe(403);
    expect((await ask(served, '/result.json', { method: 'PUT' })).status).toBe(405);
    expect((await ask(served, '/result.json', { method: 'DELETE' })).status).toBe(405);
  });

  it('is refused where a port is taken', async () => {
    const { port } = new URL(served.address);
    const { code, err } = await typed('view', run, '--port', port);
    expect([code, err]).toEqual([3, expect.stringMatching(/C191 {2}nothing can be served at 127[.]0[.]0[.]1:\d+/)]);
  });
});

describe('view', () => {
  it('says the address, and ends where nobody could end it', async () => {
    const { code, out } = await typed('view', 'away-7');
    expect([code, out]).toEqual([0, expect.stringMatching(/^away-7 is at http:\/\/127[.]0[.]0[.]1:\d+\/\n$/)]);
  });

  it('says how to come to a page where there is none', async () => {
    await typed('run', 'away.yaml', '--out', 'bare', '--no-html');
    const bare = await typed('view', 'bare');
    expect([bare.code, bare.err]).toEqual([
      3,
      expect.stringMatching(/C190 {2}bare holds no report.html[^]*run bare\/plan.json/),
    ]);
    const scenario = await typed('view', 'away.yaml');
    expect([scenario.code, scenario.err]).toEqual([3, expect.stringContaining('away.yaml is no result')]);
  });

  it('opens a browser only where somebody would see it', () => {
    expect(opener('linux', {})).toBeNull();
    expect(opener('linux', { DISPLAY: ':0' })).toEqual(['xdg-open']);
    expect(opener('darwin', {})).toEqual(['open']);
  });
});

describe('report', () => {
  it('says the same from the page of a run as from running it again, and escapes what a scenario is called', async () => {
    const kept = await typed('report', 'away-7');
    expect(kept.code).toBe(0);
    for (const said of [
      '# away \\| with \\<b\\>markup\\</b\\>',
      '| 00:02 | faults.n3-away: crash n3 (process), for 8 min, to 00:10 |',
      '## Why copies differed',
      'npx reconverge run away-7/plan.json',
    ])
      expect(kept.out).toContain(said);
    await typed('run', 'away.yaml', '--out', 'bare', '--no-html');
    const again = await typed('report', 'bare');
    expect(again.out.replaceAll('bare/plan.json', 'away-7/plan.json')).toBe(kept.out);
  });

  it('writes a file with its chart beside it, and HTML without any script', async () => {
    expect((await typed('report', 'away-7', '-o', 'a post mortem.md')).out).toBe(
      'a post mortem.md a post mortem.md.svg\n',
    );
    const { out } = await typed('report', 'away-7', '--format', 'html');
    expect(out).toContain('<svg xmlns');
    expect(out).toContain('&lt;b&gt;markup&lt;/b&gt;');
    expect(out).not.toMatch(/<script|<b>/);
    const { code, err } = await typed('report', 'away-7', '-o', 'no/such/folder.md');
    expect([code, err]).toEqual([3, expect.stringMatching(/C192 {2}cannot write no\/such\/folder.md/)]);
  });
});

describe('run --live', () => {
  it('draws the chart in place while the run goes on, and takes it away', async () => {
    let millis = 0;
    const own = Object.assign(fakeTerminal({ folder: home, isTerminal: true, now: () => (millis += 10) }), {});
    const code = await program(['run', 'away.yaml', '--live', '--out', 'live', '--no-color'], own);
    expect([code, code === 0 ? '' : own.errText()]).toEqual([0, '']);
    const drawn = own.errText();
    expect(drawn).toMatch(/ 00:1\d:\d\d · \d\d % {3}differ \d+ · wrong \d+ · hints \d+/);
    expect(drawn.split('┤').length).toBeGreaterThan(10);
    expect(drawn.trimEnd()).toMatch(/\[\d+A\r\u001b\[J$/);
    const elsewhere = await typed('run', 'away.yaml', '--live', '--out', 'live');
    expect(elsewhere.err).toBe('');
  });
});
