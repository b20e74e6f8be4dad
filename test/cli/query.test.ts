/** query: answers in every format, what is refused, and what is said about results that cannot be read. */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MistakeError } from '../../src/base/mistake.ts';
import { program } from '../../src/cli/program.ts';
import { queryWith } from '../../src/cli/query/query-command.ts';
import { STEERING, runsBytes, writeStudy } from '../tables/study-fixture.ts';
import { fakeTerminal } from './fake-terminal.ts';

const home = mkdtempSync(join(tmpdir(), 'reconverge-query-'));

async function call(words: readonly string[], isTerminal = false) {
  const terminal = fakeTerminal({ folder: home, isTerminal, environment: { NO_COLOR: '1' } });
  const code = await program(words, terminal);
  return { code, out: terminal.outText(), err: terminal.errText() };
}

const query = (...words: string[]) => call(['query', ...words]);

async function json(...words: string[]): Promise<unknown> {
  const { out, err } = await query(...words, '--format', 'json');
  expect(err).toBe('');
  return JSON.parse(out);
}

beforeAll(async () => {
  writeFileSync(join(home, 'package.json'), '{"name":"reconverge"}');
  copyFileSync(new URL('fixtures/away.yaml', import.meta.url).pathname, join(home, 'away.yaml'));
  await call(['run', 'away.yaml', '--seed', '3', '--quiet']);
  await call([
    'run',
    'away.yaml',
    '--seed',
    '4',
    '--set',
    'faults.away.for=1m',
    '--out',
    'other',
    '--quiet',
    '--parquet',
  ]);
  writeStudy(join(home, 'study'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('query of runs', () => {
  it('says which tables there are where nothing is asked', async () => {
    for (const words of [[], ['last'], ['reports/away-3']]) {
      const { code, out } = await query(...words);
      expect(code).toBe(0);
      expect(out).toMatch(/ final +1 row\n[^]* series +[\d ]+ rows\n[^]* ask +reconverge query/);
    }
  });

  it('says what stands in result.json and series.csv', async () => {
    const result = JSON.parse(readFileSync(join(home, 'reports/away-3/result.json'), 'utf8'));
    const [final] = (await json(
      'SELECT run_id, seed, fingerprint, writes_issued, latent_copies FROM final',
    )) as object[];
    const { latent_copies } = result.final;
    const { fingerprint } = result;
    expect(final).toEqual({
      run_id: 'away-3',
      seed: '3',
      fingerprint,
      writes_issued: result.writes.issued,
      latent_copies,
    });
    const lines = readFileSync(join(home, 'reports/away-3/series.csv'), 'utf8').trim().split('\n');
    const at = lines[0].split(',').indexOf('divergent_copies');
    const values = lines.slice(1).map((line) => Number(line.split(',')[at]));
    const sql = "SELECT value FROM series WHERE metric = 'divergent_copies' AND part IS NULL";
    expect(((await json(sql)) as { value: number }[]).map(({ value }) => value)).toEqual(values);
  });

  it('tells parts apart by their members', async () => {
    const rows = await json(
      "SELECT part, cause, state FROM series WHERE cause = 'in_flight' AND state IS NOT NULL LIMIT 1",
    );
    expect(rows).toEqual([{ part: 'cause=in_flight,state=in_flight', cause: 'in_flight', state: 'in_flight' }]);
  });

  it('takes several folders', async () => {
    const sql = 'SELECT run_id, seed FROM final ORDER BY seed';
    const both = [
      { run_id: 'away-3', seed: '3' },
      { run_id: 'other', seed: '4' },
    ];
    expect(await json('--in', 'away-3', '--in', 'other', sql)).toEqual(both);
    expect(await json('--in=other', 'away-3', sql)).toEqual(both);
    expect(await json('--in', 'away-3', '--in', 'reports/away-3', sql)).toEqual(both.slice(0, 1));
    cpSync(join(home, 'other'), join(home, 'copies/other'), { recursive: true });
    expect(await json('--in', 'copies/other', '--in', 'other', 'SELECT run_id FROM final ORDER BY 1')).toEqual([
      { run_id: 'copies/other' },
      { run_id: 'other' },
    ]);
    const [{ count }] = (await json('--in', 'away-3', '--in', 'study', 'SELECT count(*) AS count FROM final')) as [
      { count: number },
    ];
    expect(count).toBe(5);
  });

  it('finds the same in series.parquet of `run --parquet` as in series.csv', async () => {
    const bytes = new Uint8Array(readFileSync(join(home, 'other/series.parquet'))).buffer;
    const rows = await parquetReadObjects({ file: bytes });
    const [{ total }] = (await json(
      'other',
      "SELECT sum(value) AS total FROM series WHERE metric = 'divergent_copies' AND part IS NULL",
    )) as [{ total: number }];
    expect(rows.reduce((sum, row) => sum + Number(row['divergent_copies']), 0)).toBe(total);
    expect(typeof rows[0]['time_micros']).toBe('bigint');
  });
});

describe('query of a study', () => {
  it('has its axes as columns and one row of final for each run', async () => {
    expect(
      await json('study', 'SELECT hint_window, avg(latent_copies) AS mean FROM final GROUP BY 1 ORDER BY 1'),
    ).toEqual([
      { hint_window: '1h', mean: 1.5 },
      { hint_window: '2h', mean: 11.5 },
    ]);
    expect(await json('study', 'SELECT cause, healer, value FROM runs WHERE part IS NOT NULL LIMIT 1')).toEqual([
      { cause: 'node_down', healer: 'hint', value: 7 },
    ]);
    expect(await json('study', 'SELECT max(at_micros) AS last FROM series')).toEqual([{ last: 60000000 }]);
    expect(await json('study', 'SELECT DISTINCT read_bytes FROM final')).toEqual([{ read_bytes: null }]);
  });

  it('says in its dictionary what its columns are', async () => {
    const rows = await json(
      'study',
      "SELECT kind, unit, meaning FROM dictionary WHERE name IN ('hint_window', 'latent_copies') ORDER BY kind",
    );
    expect(rows).toEqual([
      { kind: 'level', unit: 'copies', meaning: expect.stringContaining('Divergent copies') },
      { kind: 'study', unit: 'us', meaning: 'How long hints are kept.' },
    ]);
  });

  it('can be one without series, or one in several files', async () => {
    mkdirSync(join(home, 'parts'));
    for (const part of [1, 2]) writeFileSync(join(home, `parts/runs-${part}.parquet`), runsBytes());
    expect(await json('parts', 'SELECT count(*) AS rows FROM runs')).toEqual([{ rows: 24 }]);
    expect(await json('parts', 'SELECT count(*) AS rows FROM series')).toEqual([{ rows: 0 }]);
  });
});

describe('an answer', () => {
  const BIG = 'SELECT 170141183460469231731687303715884105727::HUGEINT AS big, 9007199254740993 AS odd, NULL AS none';

  it('is a table of at most 80 columns, and what does not fit stands one below the other', async () => {
    const { out } = await query('study', 'SELECT run_id, value FROM runs ORDER BY 1, 2 LIMIT 2');
    expect(out).toBe(' run_id  value\n r0-1        1\n r0-1        7\n 2 rows\n');
    const wide = (await query('study', 'SELECT * FROM runs LIMIT 1')).out;
    expect(wide).toMatch(/^ row 1\n study +two/);
    expect(Math.max(...wide.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('says how many rows there are beyond its limit', async () => {
    expect((await query('study', 'FROM range(50)')).out).toContain('\n 40 of 50 rows; --limit 0 shows all\n');
    expect((await query('study', 'FROM range(50)', '--limit', '0')).out).toContain('\n 50 rows\n');
    expect(await json('study', 'FROM range(5000)', '--limit', '2')).toEqual([{ range: 0 }, { range: 1 }]);
    expect((await query('study', 'FROM range(5000)', '--format', 'csv')).out.split('\n')).toHaveLength(5002);
    expect((await query('study', 'SELECT 1 AS a WHERE false')).out).toBe(' a\n 0 rows\n');
  });

  it('keeps every digit of whole numbers', async () => {
    const { out } = await query('study', BIG, '--format', 'json');
    expect(out).toBe('[\n  {"big":170141183460469231731687303715884105727,"odd":9007199254740993,"none":null}\n]\n');
    expect((await query('study', BIG, '--format', 'csv')).out).toContain(
      '\n170141183460469231731687303715884105727,9007199254740993,\n',
    );
    expect((await query('study', BIG)).out).toMatch(/ 170141183460469231731687303715884105727 {2}9007199254740993 +–/);
  });

  it('of lists, structures, decimals and equal names is JSON too', async () => {
    const sql =
      "SELECT [1, NULL] AS a, {'x': 1} AS b, 1.50::DECIMAL(9,2) AS c, 2 AS c, 'inf'::DOUBLE AS d, DATE '2026-01-02' AS e, MAP {'k': 1} AS f, 3 AS __proto__";
    const { out } = await query('study', sql, '--format', 'json');
    expect(out).toBe(
      '[\n  {"a":[1,null],"b":{"x":1},"c":1.5,"c:1":2,"d":null,"e":"2026-01-02","f":[{"key":"k","value":1}],"__proto__":3}\n]\n',
    );
    expect((await query('study', 'SELECT 1 WHERE false', '--format', 'json')).out).toBe('[]\n');
  });

  it('is Markdown', async () => {
    const { out } = await query('study', "SELECT 'a|b' AS x, 1 AS y", '--format', 'markdown');
    expect(out).toBe('| x | y |\n|---|---|\n| a\\|b | 1 |\n');
  });

  it('goes to a file in the format of its name', async () => {
    const written = async (name: string, sql: string): Promise<Buffer> => {
      expect(await query('study', sql, '-o', name)).toEqual({ code: 0, out: `1 row in ${name}\n`, err: '' });
      return readFileSync(join(home, name));
    };
    expect((await written('x.csv', 'SELECT 1 AS a')).toString()).toBe('a\n1\n');
    expect((await written('x.JSON', 'SELECT 1 AS a')).toString()).toBe('[\n  {"a":1}\n]\n');
    const sql =
      "SELECT 9007199254740993 AS i, true AS b, 0.5 AS d, 'x' AS t, 170141183460469231731687303715884105727 AS big, sum(i) AS s FROM range(3) r(i)";
    const bytes = await written('x.parquet', sql);
    expect(await written('y.parquet', sql)).toEqual(bytes);
    const [row] = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    expect(row).toEqual({
      i: 9007199254740993n,
      b: true,
      d: 0.5,
      t: 'x',
      big: '170141183460469231731687303715884105727',
      s: 3n,
    });
    expect(readdirSync(home).filter((name) => name.includes('.tmp-'))).toEqual([]);
  });

  it('does not steer a terminal, whatever the names are', async () => {
    for (const format of ['table', 'csv', 'json', 'markdown']) {
      const { out } = await call(
        ['query', 'study', 'SELECT study, 1 AS "\u001b[2J" FROM runs LIMIT 1', '--format', format],
        true,
      );
      expect([format, out]).toEqual([format, expect.not.stringMatching(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)]);
    }
    // A file or another program gets what there is.
    expect((await query('study', 'SELECT study FROM runs LIMIT 1', '--format', 'csv')).out).toBe(
      `study\n${STEERING}\n`,
    );
  });
});

describe('a query that is wrong', () => {
  it.each<[words: string[], said: RegExp]>([
    [['SELECT foo FROM series'], /query:1:8 {2}C172[^]*\^\^\^[^]*expected {2}series: run_id/],
    [['SELECT valu FROM series'], /query:1:8 {2}C172[^]*did you mean {2}value/],
    [['SELECT latent_copies FROM series'], /latent_copies is a metric/],
    [['SELECT *\nFROM serie'], /query:2:6 {2}C172[^]*\^\^\^\^\^[^]*did you mean {2}series/],
    [["SELECT 'ä🜂', foo FROM series"], /query:1:15 {2}C172/],
    [['SELECT metric\nFROM runs\nWHER x'], /query:3:6 {2}C172 {2}syntax error[^]*WHER x/],
    [['SELECT sum(metric) FROM runs'], /query:1:8\n {2}C172[^]*sum\(VARCHAR\)/],
    [["SELECT 'x'::INTEGER FROM runs"], /C172 {2}could not convert string 'x'/],
    [['SELECT medain(value) FROM runs'], /C172[^]*did you mean {2}median/],
    [['SELECT ?'], /C172 {2}values were not provided/],
    [[' -- nothing'], /C171 {2}there is no query/],
    [['last', ''], /C171 {2}there is no query/],
    [['last', 'SELECT', '1'], /C171 {2}3 words[^]*in quotes/],
    [['SELECT 1; SELECT 2'], /C175 {2}2 statements/],
    [['DROP VIEW runs'], /C175 {2}a query only reads, this is DROP/],
    [["COPY runs TO 'out.csv'"], /C175/],
    [["SELECT * FROM read_csv('package.json')"], /query:1:15 {2}C175[^]*nothing else/],
    [["SELECT * FROM glob('/etc/*')"], /C175/],
    [["ATTACH 'x.db'"], /C175/],
    [['INSTALL httpfs'], /C175/],
    [['LOAD httpfs'], /C175/],
    [['SET enable_external_access = true'], /C175/],
    [['SELECT 1 AS a', '--format', 'xml'], /C102[^]*markdown/],
    [['SELECT 1 AS a', '--format', 'parquet'], /C176[^]*-o FILE/],
    [['SELECT 1 AS a', '-o', 'x.xls'], /C176 {2}x.xls names no format/],
    [['SELECT 1 AS a', '-o', 'nowhere/x.csv'], /C106 {2}cannot write nowhere\/x.csv[^]*there is no folder nowhere/],
    [['SELECT 1 AS a', '-o', 'away.yaml/x.csv'], /C106 {2}cannot write away.yaml\/x.csv[^]*not a folder/],
    [['SELECT 1 AS a', '-o', 'study', '--format', 'csv'], /C106 {2}cannot write study/],
    [['last', '-o', 'x.csv'], /C171 {2}there is no query/],
    [['lost'], /C130 {2}no run is called lost[^]*did you mean {2}last/],
    [['--in', 'nowhere', 'SELECT 1 AS a'], /C130/],
    [['away.yaml', 'SELECT 1 AS a'], /C174 {2}away.yaml holds no results[^]*reconverge run away.yaml/],
  ])('%j is a mistake', async (words, said) => {
    const { code, out, err } = await query(...words);
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(said);
    expect(existsSync(join(home, 'out.csv'))).toBe(false);
  });

  it('PIVOT and EXPLAIN are right', async () => {
    const pivoted = await query(
      'study',
      'PIVOT (FROM runs WHERE part IS NULL) ON metric USING first(value) GROUP BY run_id',
    );
    expect(pivoted.out).toContain('latent_copies');
    expect((await query('EXPLAIN SELECT 1')).out).toMatch(/^┌─+┐\n/);
  });
});

describe('results that cannot be read', () => {
  const damaged = async (
    name: string,
    file: string,
    change: (bytes: Buffer) => Uint8Array | string,
    sql = 'SELECT sum(value) FROM runs',
  ) => {
    const folder = join(home, name);
    if (file.endsWith('.parquet')) writeStudy(folder);
    else cpSync(join(home, 'other'), folder, { recursive: true });
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file))));
    return query(name, sql);
  };
  /** Every byte of the data, but not of the footer, behind the magic. */
  const overwritten = (bytes: Buffer): Uint8Array => Buffer.from(bytes).fill(0xa5, 4, 900);

  it.each<[name: string, file: string, change: (bytes: Buffer) => Uint8Array | string, said: RegExp]>([
    ['cut', 'runs.parquet', (bytes) => bytes.subarray(0, 300), /C173 {2}cut\/runs.parquet is damaged[^]*make it again/],
    ['empty', 'runs.parquet', () => '', /C173 {2}empty\/runs.parquet is damaged/],
    ['torn', 'runs.parquet', overwritten, /C173 {2}torn\/runs.parquet is damaged/],
    ['tail', 'runs.parquet', (bytes) => bytes.fill(7, 900, bytes.length - 8), /C173 {2}tail\/runs.parquet/],
    [
      'csv',
      'series.csv',
      (bytes) => bytes.subarray(0, bytes.length - 40),
      /C173 {2}csv\/series.csv is damaged[^]*cut off/,
    ],
    [
      'words',
      'series.csv',
      (bytes) => bytes.toString().replace(/\n(\d+),\d+,/, '\n$1,zero,'),
      /C173 {2}words\/series.csv is damaged/,
    ],
    ['head', 'series.csv', () => 'hello\n', /C173 {2}head\/series.csv[^]*time_micros/],
    ['json', 'result.json', (bytes) => bytes.subarray(0, 400), /C173 {2}json\/result.json is damaged/],
    ['part', 'result.json', () => '{"format":1,"writes":{}}', /C173[^]*no final, hints/],
    [
      'newer',
      'result.json',
      (bytes) => bytes.toString().replace('"format": 1', '"format": 2'),
      /C174[^]*a result of format 2/,
    ],
  ])('%s: %s', async (name, file, change, said) => {
    const { code, out, err } = await damaged(name, file, change);
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(said);
  });

  it('a page of a table, of which its reader does not name the file', async () => {
    const { code, err } = await damaged('few', 'runs.parquet', (bytes) => bytes.fill(0x58, 4, 12), 'FROM runs');
    expect(code).toBe(3);
    expect(err).toMatch(/C173 {2}(one of )?few\/runs\.parquet[^]*is damaged/);
  });

  it('a table of a newer format, of another program, or none yet', async () => {
    const newer = Buffer.from(runsBytes())
      .toString('latin1')
      .replace('reconverge.format\u0018\u00011', 'reconverge.format\u0018\u00012');
    writeStudy(join(home, 'future'), Buffer.from(newer, 'latin1'));
    expect((await query('future', 'SELECT 1 AS a')).err).toMatch(
      /C174 {2}future\/runs.parquet is a table of format 2[^]*newer/,
    );
    await query('study', 'SELECT 1 AS a', '-o', 'foreign.parquet');
    writeStudy(join(home, 'foreign'), readFileSync(join(home, 'foreign.parquet')));
    expect((await query('foreign', 'SELECT 1 AS a')).err).toMatch(
      /C174 {2}foreign\/runs.parquet is not a table of a study[^]*no column run_id/,
    );
    mkdirSync(join(home, 'begun'));
    writeFileSync(join(home, 'begun/study.json'), '{}');
    expect((await query('begun')).err).toMatch(/C174 {2}begun is a study without tables/);
    rmSync(join(home, 'other/series.csv'));
    expect((await query('other')).err).toMatch(/C173 {2}other\/series.csv is damaged[^]*it does not exist/);
  });

  it('without DuckDB it says what to install', async () => {
    const missing = Object.assign(new Error("Cannot find package '@duckdb/node-api'"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    const refusal = async (error: Error) => {
      const load = () => Promise.reject(error);
      const words = { words: ['study', 'SELECT 1 AS a'] };
      const asked = queryWith(words, fakeTerminal({ folder: home }), { typed: [], load });
      return asked.then(
        () => [],
        (mistake: unknown) => (mistake instanceof MistakeError ? mistake.mistakes : []),
      );
    };
    expect(await refusal(missing)).toMatchObject([{ code: 'C170', message: expect.stringContaining('not installed') }]);
    expect((await refusal(missing))[0].notes?.[0]).toBe('npm install @duckdb/node-api@1.5.5-r.5');
    expect(await refusal(new Error('wrong ELF class'))).toMatchObject([{ code: 'C170', found: 'wrong ELF class' }]);
  });
});

it('the version to install is the one that is tested', () => {
  const { devDependencies, peerDependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  const source = readFileSync(new URL('../../src/cli/query/duckdb.ts', import.meta.url), 'utf8');
  expect(source).toContain(`@duckdb/node-api@${devDependencies['@duckdb/node-api']}`);
  expect(peerDependencies['@duckdb/node-api']).toBe(devDependencies['@duckdb/node-api']);
});
