import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { resultShape } from '../../src/cli/result-schema.ts';
import { VERSION } from '../../src/base/version.ts';
import { fakeTerminal } from './fake-terminal.ts';

const FIXTURE = new URL('fixtures/away.yaml', import.meta.url).pathname;

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reconverge-cli-'));
  writeFileSync(join(home, 'package.json'), '{"name":"reconverge"}');
  copyFileSync(FIXTURE, join(home, 'away.yaml'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function call(...words: string[]) {
  const terminal = fakeTerminal({ folder: home });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

/** A copy of the fixture with one line replaced. */
function edited(name: string, from: string | RegExp, to: string): string {
  const text = readFileSync(FIXTURE, 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(join(home, name), changed);
  return name;
}

describe('the words', () => {
  it('say what can be typed', async () => {
    const { code, out, err } = await call('--help');
    expect([code, err]).toEqual([0, '']);
    for (const name of ['run', 'test', 'check', 'plan', 'schema']) expect(out).toContain(`reconverge ${name}`);
    expect((await call('run', '--help')).out).toContain('--seed');
    for (const words of [[], ...['run', 'test', 'check', 'plan', 'schema'].map((name) => [name])]) {
      const help = (await call(...words, '--help')).out;
      expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
    expect((await call('--version')).out).toBe(`${VERSION}\n`);
  });

  it('are held to what there is: exit 3, on standard error, with the nearest', async () => {
    const tries: [words: string[], said: RegExp][] = [
      [[], /no command/],
      [['rnu', 'away.yaml'], /did you mean {2}reconverge run/],
      [['run', 'away.yaml', '--sed', '4'], /did you mean {2}--seed/],
      [['run', '--sed', 'away.yaml'], /unknown option --sed/],
      [['run', '-'], /standard input is not read/],
      [['check', '-'], /standard input is not read/],
      [['away.yaml'], /did you mean {2}reconverge run away.yaml/],
      [['run', 'away.yaml', '--out', 'away.yaml/x'], /cannot write .*\n.*which is not a folder/],
      [['run', 'away.yaml', '--seed'], /--seed has no value/],
      [['run', 'away.yaml', '--seed', '1', '--seed', '2'], /--seed is given 2 times/],
      [['run', 'away.yaml', '--columns', 'abc'], /a whole number from 40 to 400/],
      [['run', 'away.yaml', '--mode', 'fast'], /batched \| events/],
      [['run', 'away.yaml', 'more.yaml'], /one word too many: more.yaml/],
      [['run'], /reconverge run <scenario>/],
      [['run', 'nowhere.yaml'], /nowhere.yaml cannot be read: it does not exist/],
      [['run', '.'], /\. is a folder\n[^]*did you mean {2}\.\/away.yaml/],
      [['run', 'away.yaml', '--shift', 'faults.away.for=+30s'], /did you mean {2}--set faults.away.for=2m30s/],
      [['run', 'away.yaml', '--shift', 'name=+30s'], /is not a time/],
      [['run', 'away.yaml', '--out', 'x'.repeat(300)], /cannot write[^]*a shorter path/],
      [['run', 'away.yaml', '--out', `a/${'x'.repeat(300)}/b`], /cannot write[^]*a shorter path/],
      [['run', 'away.yaml', '--out', 'a/'.repeat(3000)], /cannot write[^]*a shorter path/],
      [['test', 'nowhere'], /nowhere does not exist/],
      [['schema', 'scenari'], /did you mean {2}scenario/],
      [['run', 'away.yaml', '--set', 'faults.awy.for=3h', '--set', 'duration=-5m'], /2 mistakes/],
    ];
    for (const [words, said] of tries) {
      const { code, out, err } = await call(...words);
      expect([words, code, out]).toEqual([words, 3, '']);
      expect(err).toMatch(said);
      expect(err).not.toMatch(/^\s+at /m);
    }
    expect(readdirSync(home).sort()).toEqual(['away.yaml', 'package.json']);
  });
});

describe('schema', () => {
  it('prints a JSON Schema of each document', async () => {
    for (const name of ['scenario', 'plan', 'result']) {
      const { code, out } = await call('schema', name);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ $schema: expect.stringContaining('draft-07'), type: 'object' });
    }
  });
});

describe('check', () => {
  it('finds nothing where nothing is wrong, and everything at once where something is', async () => {
    expect(await call('check', '.')).toMatchObject({ code: 0, out: '1 file, no mistake\n', err: '' });
    edited('bad.yaml', 'fault: crash, node: n3', 'fault: crsh, node: n9');
    edited('worse.yaml', 'rate: 20/s', 'rate: -20');
    const { code, out, err } = await call('check', '.');
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/bad.yaml:15:18 /);
    expect(err).toMatch(/worse.yaml:13:\d+ /);
    expect(err).toMatch(/mistakes in 2 files/);
  });

  it('names an imported file as a person here would, and the node that has an address', async () => {
    const row = (last: number, token: string) => `127.0.0.${last}  r1  Up  Normal  1 KiB  ?  ${token}`;
    const ring = (...rows: string[]) =>
      ['', 'Datacenter: dc1', '==========', 'Address  Rack  Status  State  Load  Owns  Token', '  9', ...rows].join(
        '\n',
      );
    for (const [folder, text] of [
      ['whole', ring(row(1, '-5'), row(2, '0'), row(3, '9'))],
      ['cut', ring(row(1, '-5'), row(2, '0'))],
    ]) {
      mkdirSync(join(home, folder));
      writeFileSync(join(home, folder, 'ring.txt'), text);
      edited(`${folder}/away.yaml`, 'nodes: { dc1: { r1: 3 } }', 'from: ring.txt');
    }
    expect((await call('check', 'whole')).err).toMatch(/unknown node "n3"/);
    edited('whole/away.yaml', /nodes: .*([^]*)node: n3/, 'from: ring.txt$1node: 127.0.0.13');
    const { code, err } = await call('check', 'whole', 'cut');
    expect(code).toBe(3);
    expect(err).toMatch(/unknown node "127.0.0.13"[^]*did you mean {2}127.0.0.[123]/);
    edited('whole/away.yaml', /nodes: .*([^]*)node: n3/, 'from: ring.txt$1node: 127.0.0.3');
    expect(await call('check', 'whole')).toMatchObject({ code: 0, err: '' });
    const { out } = await call('plan', 'whole/away.yaml');
    expect(out).toMatch(/^ n03 +127.0.0.3 +dc1 +r1 +1$/m);
    expect(out).toMatch(/faults.away +crash n03 /);
    expect(err).toMatch(/^cut\/ring.txt:5:\d+ {2}I105/m);
  });

  it('turns warnings into mistakes with --strict', async () => {
    edited('away.yaml', 'replication: 3', 'replication: 1');
    expect(await call('check', 'away.yaml')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/no mistake, \d+ warnings?/),
    });
    expect(await call('check', 'away.yaml', '--strict')).toMatchObject({ code: 3, out: '' });
  });

  it('says how a file of PowerShell must be saved, also one that a scenario names', async () => {
    const text = readFileSync(FIXTURE, 'utf8');
    writeFileSync(join(home, 'wide.yaml'), `\ufeff${text}`, 'utf16le');
    expect((await call('check', 'wide.yaml')).err).toMatch(/UTF-16, as PowerShell[^]*save it\s+as UTF-8/);
    writeFileSync(join(home, 'wide.yaml'), text, 'utf16le');
    expect((await call('check', 'wide.yaml')).err).toMatch(/UTF-16/);
    writeFileSync(join(home, 'ring.txt'), '\ufeffDatacenter: dc1', 'utf16le');
    edited('wide.yaml', 'nodes: { dc1: { r1: 3 } }', 'from: ring.txt');
    expect((await call('check', 'wide.yaml')).err).toMatch(/S154[^]*UTF-16/);
  });

  it('names the scenarios of a folder that is not one file', async () => {
    mkdirSync(join(home, 'two'));
    for (const name of ['b.yaml', 'a.yaml']) edited(`two/${name}`, 'seed: 3', 'seed: 4');
    const { code, err } = await call('run', 'two');
    expect(code).toBe(3);
    expect(err).toMatch(/did you mean {2}reconverge test two\n +it holds\n +two\/a.yaml\n +two\/b.yaml\n/);
  });

  it('takes no other YAML file for a scenario', async () => {
    writeFileSync(join(home, 'cassandra.yaml'), 'cluster_name: x\n');
    expect((await call('check', '.')).out).toBe('1 file, no mistake\n');
    writeFileSync(join(home, 'huge.yaml'), '');
    truncateSync(join(home, 'huge.yaml'), 3e9);
    expect((await call('check', '.')).out).toBe('1 file, no mistake\n');
    mkdirSync(join(home, 'empty'));
    expect((await call('check', 'empty')).err).toMatch(/holds no scenario/);
  });
});

describe('plan', () => {
  it('prints what would happen and writes nothing', async () => {
    const { code, out } = await call('plan', 'away.yaml');
    expect(code).toBe(0);
    expect(out).toContain('faults.away');
    expect(readdirSync(home).sort()).toEqual(['away.yaml', 'package.json']);
  });

  it('gives a plan.json that is read as it was written', async () => {
    const { out } = await call('plan', 'away.yaml', '--json', '--seed', '0010');
    expect(JSON.parse(out)).toMatchObject({ format: 1, seed: '0010' });
    writeFileSync(join(home, 'again.json'), out);
    expect((await call('plan', 'again.json', '--json')).out).toBe(out);
  });

  it('applies edits in the order in which they were typed', async () => {
    const words = ['--set', 'faults.away.for=1m', '--set', 'faults.away.for=90s', '--shift', 'faults.away=+30s'];
    const plan = JSON.parse((await call('plan', 'away.yaml', '--json', ...words)).out) as { entries: object[] };
    expect(plan.entries).toMatchObject([{ id: 'faults.away', at_micros: 90e6, for_micros: 90e6 }]);
  });
});

describe('run', () => {
  it('answers on standard output, writes its files, and its replay gives the same bytes', async () => {
    const { code, out, err } = await call('run', 'away.yaml');
    expect([code, err]).toEqual([0, '']);
    const replay = /npx reconverge (run reports\/away-3\/plan.json)/.exec(out);
    expect(replay).not.toBeNull();
    const folder = join(home, 'reports', 'away-3');
    const names = ['plan.json', 'report.txt', 'result.json', 'series.csv'];
    expect(readdirSync(folder).sort()).toEqual(names);
    const before = names.map((name) => readFileSync(join(folder, name), 'utf8'));
    const result = resultShape.parse(JSON.parse(before[2]));
    expect(out).toContain(result.fingerprint);
    // The scenario's text no longer matters.
    rmSync(join(home, 'away.yaml'));
    expect((await call('run', 'reports/away-3/plan.json')).code).toBe(0);
    expect(names.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(before);
  });

  it('keeps a what-if apart from what it is compared with, and says what was edited', async () => {
    await call('run', 'away.yaml');
    const long = 'expect.hints={ check: sometimes, metric: hint_pending_copies, above: 0, from: 1m, until: 3m30s }';
    const words = ['--set', 'faults.away.for=1m', '--remove', 'expect.healed', '--set', long];
    const { out } = await call('run', 'away.yaml', ...words);
    const said = /\nedited {2}faults.away.for 2m → 1m\n {8}expect.healed removed\n {8}expect.hints \{ check/;
    expect(out).toMatch(said);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const [plain, edited] = readdirSync(join(home, 'reports')).sort();
    expect([plain, edited]).toEqual(['away-3', expect.stringMatching(/^away-3-[0-9a-f]{8}$/)]);
    expect(readFileSync(join(home, 'reports', edited, 'report.txt'), 'utf8')).toMatch(said);
    const again = await call('run', `reports/${edited}/plan.json`);
    expect(again.out).toMatch(said);
    // The same value of the same path back: nothing is edited in it.
    const back = await call('plan', `reports/${edited}/plan.json`, '--set', 'faults.away.for=2m');
    expect(back.out).toMatch(/\nedited {2}expect.healed removed\n/);
    await call('run', 'reports/away-3/plan.json', '--set', 'expect.healed.is=1');
    expect(readdirSync(join(home, 'reports'))).toHaveLength(3);
    expect((await call('run', 'reports/away-3/plan.json')).out).not.toContain('edited');
  });

  it('prints only the document with --json, the same bytes as the file', async () => {
    const { code, out, err } = await call('run', 'away.yaml', '--json', '--out', 'here');
    expect([code, err]).toEqual([0, '']);
    expect(readFileSync(join(home, 'here', 'result.json'), 'utf8')).toBe(out);
  });

  it('gives the same fingerprint batched and event by event, twice', async () => {
    const fingerprint = async (...words: string[]) => {
      const { out } = await call('run', 'away.yaml', '--json', ...words);
      return (JSON.parse(out) as { fingerprint: string }).fingerprint;
    };
    expect(await fingerprint('--mode', 'events', '--twice')).toBe(await fingerprint());
    expect(await fingerprint('--seed', '4')).not.toBe(await fingerprint());
  });

  it('ends with 1 where an expectation is violated, and still writes its files', async () => {
    edited('away.yaml', 'for: 2m', 'for: 1h');
    const { code, out } = await call('run', 'away.yaml', '--quiet');
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ healed {2}/);
    expect(out).toMatch(/replay npx reconverge run reports\/away-3\/plan.json\nVIOLATED 1 \(exit code 1\)\n$/);
    expect(existsSync(join(home, 'reports', 'away-3', 'result.json'))).toBe(true);
  });

  it('ends with 2 where an expectation is undecided and none is violated; `run` and `test` say it alike', async () => {
    const late =
      'repairs:\n  late: { repair: nodetool, node: n1, run: "nodetool repair -full shop", at: end - 1ms }\nexpect:';
    const cost = 'cost: { check: at, at: end, metric: repair_seconds, where: { repair: late }, above: 0 }';
    edited('open.yaml', /^expect:/m, `${late}\n  ${cost}`);
    const run = await call('run', 'open.yaml');
    expect(run.code).toBe(2);
    expect(run.out).toMatch(/\? cost\n.*\n {5}late had not ended\n/);
    expect(run.out).toMatch(/\nVIOLATED 0 · UNDECIDED 1 \(exit code 2\)\n$/);
    const test = await call('test', 'open.yaml');
    expect(test.code).toBe(2);
    expect(test.out).toMatch(/^\? open.yaml {2}2 of 3 held, 1 undecided/);
    expect(test.out).toMatch(/\nOPEN {2}npx reconverge run open.yaml --seed 3\n.* {2}cost\n.* late had not ended\n/);
    expect(test.out).toMatch(/\nVIOLATED 0 · UNDECIDED 1 \(exit code 2\)\n$/);
    const beyond = ['--set', 'repairs.late.at=10m'];
    const both = await call('run', 'open.yaml', '--set', 'faults.away.for=1h', ...beyond, '--quiet');
    expect(both.code).toBe(1);
    expect(both.out).toMatch(/VIOLATED 1 · UNDECIDED 1 \(exit code 1\)\n$/);
    expect((await call('run', 'open.yaml', '--json')).out).toMatch(/^\{[^]*\}\n$/);
  });

  it('touches no folder that is not a result, and says so before it runs', async () => {
    mkdirSync(join(home, 'mine'));
    writeFileSync(join(home, 'mine', 'thesis.tex'), 'x');
    const { code, err } = await call('run', 'away.yaml', '--out', 'mine');
    expect(code).toBe(3);
    expect(err).toContain('is not a result of ours');
    expect(readdirSync(join(home, 'mine'))).toEqual(['thesis.tex']);
  });

  it('stays below reports/ whatever the seed', async () => {
    expect((await call('run', 'away.yaml', '--seed', '../../../outside', '--quiet')).code).toBe(0);
    expect(readdirSync(join(home, 'reports'))).toHaveLength(1);
    expect(readdirSync(home).sort()).toEqual(['away.yaml', 'package.json', 'reports']);
  });
});

describe('test', () => {
  it('says in one line that all held', async () => {
    const { code, out } = await call('test', '.');
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ away.yaml {2}2 of 2 held/);
    expect(out).toMatch(/1 held · 0 violated {3}of 1 scenario, .*\nVIOLATED 0\n$/);
  });

  it('puts the replay command first where one fails', async () => {
    edited('forever.yaml', 'for: 2m', 'for: 1h');
    const { code, out } = await call('test', '.');
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ forever.yaml {2}1 of 2 held/m);
    expect(out).toMatch(/\nFAIL {2}npx reconverge run forever.yaml --seed 3\n {2}forever.yaml:19 {2}healed\n/);
    expect(out).toMatch(/VIOLATED 1 \(exit code 1\)\n$/);
    expect(existsSync(join(home, 'reports'))).toBe(false);
  });

  it('proves: each variant breaks what it names, each expectation is broken by one', async () => {
    expect(await call('test', '--prove', 'away.yaml')).toMatchObject({
      code: 0,
      out: expect.stringContaining('2 variants'),
    });
    edited('weak.yaml', '{ faults.away.for: 1h }', '{ faults.away.for: 90s }');
    const weak = await call('test', '--prove', 'weak.yaml');
    expect(weak.code).toBe(1);
    expect(weak.out).toMatch(
      /PROVE npx reconverge run weak.yaml --seed 3 --set faults.away.for=90s\n.*"no-return" must break "healed"/,
    );
    expect(weak.out).not.toMatch(/is broken by no variant/);
    expect(weak.out).toMatch(/^✗ weak.yaml {2}2 of 2 held, unproven/);
    expect(weak.out).toMatch(/0 violated · 1 unproven .*\nVIOLATED 0 · UNPROVEN 1 \(exit code 1\)\n$/);
    edited('bare.yaml', /^ {2}no-return:.*\n/m, '');
    expect((await call('test', '--prove', 'bare.yaml')).out).toMatch(/"healed" is broken by no variant/);
  });

  it('goes on after a mistake, and reports the worst', async () => {
    edited('bad.yaml', 'node: n3', 'node: n9');
    edited('nothing.yaml', /^expect:[^]*/m, '');
    const { code, out, err } = await call('test', '.');
    expect(code).toBe(3);
    expect(out).toMatch(/1 held · 0 violated · 1 undecided · 1 with a mistake {3}of 3/);
    expect(err).toMatch(/bad.yaml:15/);
    expect(out).toMatch(/\nVIOLATED 0 · UNDECIDED 1 · MISTAKE 1 \(exit code 3\)\n$/);
    const open = await call('test', 'away.yaml', 'nothing.yaml');
    expect(open.code).toBe(2);
    expect(open.out).toMatch(/\nOPEN .*nothing.yaml --seed 3\n {2}nothing.yaml\n {2}it has no `expect:`/);
  });

  it('goes on where one of the names leads to no scenario', async () => {
    mkdirSync(join(home, 'empty'));
    const { code, out, err } = await call('test', 'nowhere.yaml', 'away.yaml', 'empty');
    expect(code).toBe(3);
    expect(out).toMatch(/^✗ nowhere.yaml {2}mistake.*\n✓ away.yaml {2}2 of 2 held.*\n✗ empty {2}mistake/);
    expect(out).toMatch(/\nVIOLATED 0 · MISTAKE 2 \(exit code 3\)\n$/);
    expect(err).toMatch(/nowhere.yaml does not exist[^]*empty holds no scenario/);
    edited('bad.yaml', 'node: n3', 'node: n9');
    expect((await call('check', 'nowhere.yaml', 'bad.yaml')).err).toMatch(/bad.yaml:15[^]*nowhere.yaml does not exist/);
  });

  it('takes an expectation on a repair for broken where the repair is taken away', async () => {
    const repairs =
      'repairs:\n  by-hand: { repair: nodetool, node: n3, run: nodetool repair -full shop, at: 4m }\nexpect:';
    edited('away.yaml', 'expect:', repairs);
    const cost = '  cost: { check: at, at: end, metric: hashed_rows, where: { repair: by-hand }, above: 0 }\nvariants:';
    const text = readFileSync(join(home, 'away.yaml'), 'utf8').replace('variants:', cost);
    writeFileSync(join(home, 'cost.yaml'), `${text}  no-repair: { edit: { repairs: null }, must_break: [cost] }\n`);
    const { code, out } = await call('test', '--prove', 'cost.yaml');
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('\n    variant "no-repair" breaks "cost": undecided, because by-hand did not run\n'),
    ]);
  });

  it('stops after --max-failures, and says how many were not run', async () => {
    edited('bad.yaml', 'node: n3', 'node: n9');
    const { code, out } = await call('test', 'bad.yaml', 'away.yaml', '--max-failures', '1');
    expect(code).toBe(3);
    expect(out).toMatch(/1 not run/);
    expect(out).toMatch(/\nVIOLATED 0 · MISTAKE 1 · NOT RUN 1 \(exit code 3\)\n$/);
  });

  it('gives the same as JSON', async () => {
    const { code, out } = await call('test', 'away.yaml', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      format: 1,
      scenarios: [{ file: 'away.yaml', status: 'held' }],
      totals: { held: 1 },
    });
  });
});
