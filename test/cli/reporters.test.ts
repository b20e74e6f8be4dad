/** Reports for machines: one shape of findings, names that stay data, files written beside standard output. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { escapeMarkdown, escapeProperty, escapeTap, escapeXml, markdownCode } from '../../src/cli/reporters/escape.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;
const TEXT = readFileSync(FIXTURE, 'utf8').replace('5m', '2m').replace('20/s', '5/s').replace('for: 2m', 'for: 30s');

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-report-'));
  writeFileSync(join(home, 'away.yaml'), TEXT);
  writeFileSync(join(home, 'b,ad<&>.yaml'), TEXT.replace('is: 0', 'is: 7'));
  writeFileSync(join(home, 'c.yaml'), TEXT.replace('node: n3', 'node: "n9::]]>"'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function call(words: string[], environment: Record<string, string> = {}) {
  const terminal = fakeTerminal({ folder: home, environment });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

describe('escaping', () => {
  it('keeps data data', () => {
    expect(escapeXml(`<a b="c">&'\n\u0000\ud800]]>`)).toBe(
      '&lt;a b=&quot;c&quot;&gt;&amp;&apos;&#10;\ufffd\ufffd]]&gt;',
    );
    expect(escapeProperty('a:b,c%d\r\n')).toBe('a%3Ab%2Cc%25d%0D%0A');
    expect(escapeMarkdown('a|b <img> [x](y)\n`z`')).toBe('a\\|b &lt;img&gt; \\[x\\]\\(y\\) \\`z\\`');
    expect(markdownCode('a``b|c')).toBe('``` a``b\\|c ```');
    expect(escapeTap('a # SKIP\nnot ok')).toBe('a \\# SKIP not ok');
  });
});

describe('reports', () => {
  it('stand beside each other: text on standard output, the others in files', async () => {
    const files = ['junit=out/report.xml', 'json=report.json', 'tap=report.tap', 'text=report.txt'];
    const summary = join(home, 'summary.md');
    const words = ['test', '.', ...[...files, 'text', 'github'].flatMap((name) => ['--reporter', name])];
    const { code, out } = await call(words, { GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: join(home, '..') });
    expect(code).toBe(3);
    const folder = home.slice(home.lastIndexOf('/') + 1);
    expect(out).toContain(
      `::error file=${folder}/b%2Cad<&>.yaml,line=19,title=healed violated::npx reconverge run 'b,ad<&>.yaml' --seed 3%0Aat the end divergent_copies is 7%0A`,
    );
    expect(out).toMatch(
      new RegExp(`^::error file=${folder}/c.yaml,line=15,title=S130 .*n9%3A%3A.*::npx reconverge check c.yaml%0A`, 'm'),
    );
    expect(out).toMatch(/^FAIL {2}npx reconverge run 'b,ad<&>.yaml' --seed 3\n/m);
    const xml = readFileSync(join(home, 'out/report.xml'), 'utf8');
    expect(xml).toMatch(/<testsuites name="reconverge" tests="5" failures="1" errors="1" skipped="0" /);
    expect(xml).toContain('<testcase classname="away.yaml" name="hints" file="away.yaml"/>');
    expect(xml).toContain(
      'name="healed" file="b,ad&lt;&amp;&gt;.yaml" line="19"><failure message="healed violated" type="failure">npx reconverge run',
    );
    expect(xml.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
    const tap = readFileSync(join(home, 'report.tap'), 'utf8');
    expect(tap).toMatch(
      /^TAP version 14\n1..3\nok 1 - away.yaml\nnot ok 2 - b,ad<&>.yaml\n {2}---\n {2}- \{"kind":"failure"/,
    );
    expect(JSON.parse(readFileSync(join(home, 'report.json'), 'utf8'))).toMatchObject({
      totals: { files: 3, violated: 1 },
    });
    expect(readFileSync(join(home, 'report.txt'), 'utf8')).toMatch(/^✓ away.yaml[^]*FAIL[^]*VIOLATED 1/);
    expect(readFileSync(summary, 'utf8')).toMatch(
      /^## Reconverge\n\n1 held · 1 violated[^]*\| ` b,ad<&>.yaml:19 ` \| healed violated \| /,
    );
  });

  it('that are documents stand alone on standard output; what was not run is skipped', async () => {
    const { out } = await call(['test', '.', '--reporter', 'junit', '--max-failures', '1']);
    expect(out).toMatch(/^<\?xml[^]*name="c.yaml"[^]*<skipped message="not run"\/>[^]*<\/testsuites>\n$/);
    expect(await call(['test', '.', '--reporter', 'tap', '--json'])).toMatchObject({
      code: 3,
      err: expect.stringMatching(/stands alone/),
    });
    expect((await call(['test', '.', '--reporter', 'xml'])).err).toMatch(/text \| junit \| github \| json \| tap/);
    expect((await call(['test', 'away.yaml', '--reporter', 'tap=away.yaml/x'])).err).toMatch(
      /cannot write away.yaml\/x/,
    );
  });
});
