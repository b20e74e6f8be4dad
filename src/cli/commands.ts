/** The table of commands: how each is typed, its help, and the module that does it. */
import type { Argv } from 'yargs';
import type { Command } from './command.ts';

export interface CommandDefinition {
  name: string;
  usage: string;
  summary: string;
  /** Names of its options, for `did you mean`. */
  options: readonly string[];
  describe: (parser: Argv) => Argv;
  load: () => Promise<Command>;
}

/** An option as a table row: a flag, one value, or a value that may be given again. */
interface Option {
  kind: 'flag' | 'value' | 'values';
  help: string;
  /** One letter. */
  alias?: string;
}

const OPTIONS: Record<string, Option> = {
  seed: { kind: 'value', help: 'draw the plan from this seed (text)' },
  out: { kind: 'value', help: 'folder for the results' },
  json: { kind: 'flag', help: 'print the document only, as JSON' },
  twice: { kind: 'flag', help: 'run again and compare; show the first difference' },
  set: { kind: 'values', help: 'set a value: --set faults.rack-r2.for=2h' },
  remove: { kind: 'values', help: 'remove an entry: --remove repairs.weekly' },
  shift: { kind: 'values', help: 'move in time: --shift faults.rack-r2.at=+30m' },
  add: { kind: 'values', help: "add an entry: --add 'faults.x={ fault: crash, node: n2, at: 1h }'" },
  mode: { kind: 'value', help: 'batched | events; the fingerprint is the same' },
  details: { kind: 'flag', help: 'list assumptions and what is not modelled' },
  quiet: { kind: 'flag', help: 'print only what failed and how to replay' },
  columns: { kind: 'value', help: 'width of the text' },
  'no-color': { kind: 'flag', help: 'without colour (so does NO_COLOR)' },
  seeds: { kind: 'value', help: 'run with these seeds: 1..20 or 1,7,storm' },
  part: { kind: 'value', help: 'only this part of the scenarios, or of the runs: 2/5' },
  workers: { kind: 'value', help: 'threads (default: processors); 1 needs none' },
  'max-time': { kind: 'value', help: 'begin no run after this time: 10m' },
  against: { kind: 'value', help: 'compare with a git revision: which changed key did it' },
  explore: { kind: 'value', help: 'run new seeds for so long: 20m' },
  keep: { kind: 'flag', help: 'with --explore: keep what breaks in .regressions/, which test runs first' },
  from: { kind: 'value', help: 'with --explore: the first new seed' },
  reporter: { kind: 'values', help: 'text | junit | github | json | tap | html, or NAME=FILE; again for several' },
  'no-cache': { kind: 'flag', help: 'run also what was run before' },
  watch: { kind: 'flag', help: 'again whenever a file changes' },
  prove: { kind: 'flag', help: 'run the variants too: each must break what it names' },
  'max-failures': { kind: 'value', help: 'stop after this many scenarios that failed' },
  merge: { kind: 'flag', help: 'run nothing: the tables of what all parts did, and what is missing' },
  strategies: { kind: 'value', help: 'a file of repairs to compare: strategies: { weekly: { … }, none: {} }' },
  variants: { kind: 'value', help: 'variants of the scenario to compare: a,b' },
  base: { kind: 'value', help: 'the strategy that the others are compared with' },
  strict: { kind: 'flag', help: 'warnings are mistakes' },
  at: { kind: 'value', help: 'a moment: 3h, faults.n3.end + 5m, an instant; default the end' },
  group: { kind: 'value', help: 'only the story of this number' },
  one: { kind: 'flag', help: 'one row of that story' },
  key: { kind: 'value', help: 'the row of this key: shop.orders:4711 (one table: 4711)' },
  series: { kind: 'value', help: "a point of this series, whichever shard holds it: 'cpu,host=web-1'" },
  token: { kind: 'value', help: 'the row at this token, or the next one on the ring' },
  row: { kind: 'value', help: 'of its partition, from 0; default the first that is amiss' },
  zombie: { kind: 'flag', help: 'a row of which a copy is a zombie' },
  lost: { kind: 'flag', help: 'a row whose acknowledged write is lost' },
  'no-what-if': { kind: 'flag', help: 'do not try what would have prevented it' },
  node: { kind: 'value', help: 'the node that is asked; default: the first' },
  parquet: { kind: 'flag', help: 'write series.parquet beside series.csv' },
  port: { kind: 'value', help: 'listen at this port (default: any that is free)' },
  'no-open': { kind: 'flag', help: 'open no browser' },
  live: { kind: 'flag', help: 'draw the chart while the run goes on (on a terminal)' },
  'no-html': { kind: 'flag', help: 'write no report.html' },
  in: { kind: 'values', help: 'a folder of results; again for several' },
  format: { kind: 'value', help: 'query: table | csv | json | markdown | parquet; report: md | html' },
  output: { kind: 'value', alias: 'o', help: 'write the answer to this file' },
  limit: { kind: 'value', help: 'show this many rows (a table: 40); 0: all' },
  since: { kind: 'value', help: 'of log: lines from this moment on' },
  for: { kind: 'value', help: 'how far ahead is looked: 6h; default: to the end of the run' },
  candidates: { kind: 'value', help: 'only these repairs: nothing,nodes,full-pr' },
};

const EDITS = ['set', 'remove', 'shift', 'add'];

function describe(
  names: readonly string[],
  examples: readonly [string, string][],
  helps: Readonly<Record<string, string>>,
): (parser: Argv) => Argv {
  return (parser) => {
    for (const name of names) {
      const { kind, alias, help: usual } = OPTIONS[name];
      const help = helps[name] ?? usual;
      if (alias !== undefined) parser.alias(name, alias);
      if (kind === 'flag') parser.option(name, { type: 'boolean', describe: help });
      else if (kind === 'value') parser.option(name, { type: 'string', requiresArg: true, describe: help });
      else parser.option(name, { type: 'array', string: true, nargs: 1, describe: help });
    }
    return parser.example(examples.map(([command, text]) => [command, text]));
  };
}

interface Row extends Pick<CommandDefinition, 'usage' | 'summary' | 'options' | 'load'> {
  examples: [string, string][];
  /** Of options that mean something else here. */
  helps?: Readonly<Record<string, string>>;
}

function define({ usage, summary, options, load, examples, helps = {} }: Row): CommandDefinition {
  return { name: usage.split(' ')[0], usage, summary, options, load, describe: describe(options, examples, helps) };
}

export const COMMANDS: readonly CommandDefinition[] = [
  define({
    usage: 'run <scenario>',
    summary: 'run a scenario, or a plan.json again',
    options: [
      'seed',
      'out',
      ...EDITS,
      'parquet',
      'no-html',
      'live',
      'json',
      'twice',
      'mode',
      'details',
      'quiet',
      'columns',
      'no-color',
    ],
    load: async () => (await import('./run-command.ts')).runCommand,
    examples: [
      ['reconverge run outage.yaml', 'run it, results in reports/outage-SEED/'],
      ['reconverge run outage.yaml --seed 7 --set faults.n3.for=2h', 'the same with another seed and a shorter outage'],
      ['reconverge run reports/outage-7/plan.json --twice', 'again, and prove that it is the same'],
      ['reconverge run outage.yaml --json | jq .final', 'only the result document'],
    ],
  }),
  define({
    usage: 'test <files..>',
    summary: 'run scenarios and judge their expectations',
    options: [
      ...[
        'prove',
        'seeds',
        'part',
        'max-time',
        'max-failures',
        'workers',
        'watch',
        'against',
        'explore',
        'keep',
        'from',
      ],
      ...['reporter', 'no-cache', 'json', 'columns', 'no-color'],
    ],
    load: async () => (await import('./test-command.ts')).testCommand,
    examples: [
      ['reconverge test scenarios', 'every *.yaml below the folder'],
      ['reconverge test --prove outage.yaml', 'also its variants: an expectation that nothing breaks proves nothing'],
      ['reconverge test scenarios --reporter github --reporter junit=report.xml', 'annotations, and a file for others'],
      ['reconverge test scenarios --explore 20m --keep', 'new seeds; what breaks is kept and run first from then on'],
      ['reconverge test scenarios --seeds 1..20 --part 2/5', 'one of five machines that share the work'],
    ],
  }),
  define({
    usage: 'accept <files..>',
    summary: 'take over what scenarios give now as their goldens',
    options: ['seeds', 'workers', 'no-cache', 'no-color'],
    load: async () => (await import('./accept-command.ts')).acceptCommand,
    examples: [
      ['reconverge accept outage.yaml', 'writes outage.golden.txt, which `test` compares'],
      ['reconverge accept scenarios --seeds 1..20', 'goldens of twenty seeds'],
    ],
  }),
  define({
    usage: 'compare <scenario>',
    summary: 'repairs, or settings, on the identical failure history',
    options: [
      'strategies',
      'variants',
      'base',
      'seeds',
      'workers',
      ...EDITS,
      'out',
      'no-html',
      'json',
      'columns',
      'no-color',
    ],
    load: async () => (await import('./compare-command.ts')).compareCommand,
    examples: [
      ['reconverge compare outage.yaml --seeds 1..10', 'its repairs, none, and variants that change repairs alone'],
      ['reconverge compare outage.yaml --strategies mine.yaml', 'repairs from a file, each on the same failures'],
      ['reconverge compare outage.yaml --variants small-heap,no-hints', 'these variants, whatever they change'],
    ],
  }),
  define({
    usage: 'sweep <study>',
    summary: 'a study: axes, repairs and seeds; its tables; goes on where it was ended',
    options: ['out', 'part', 'merge', 'workers', 'quiet', 'columns', 'no-color'],
    load: async () => (await import('./sweep-command.ts')).sweepCommand,
    examples: [
      ['reconverge sweep hints.study.yaml', 'every cell with every seed; again: goes on where it was'],
      ['reconverge sweep hints.study.yaml --part 2/5', 'a fifth of the runs, into the folder that all share'],
      ['reconverge sweep hints.study.yaml --merge', 'tables of what all parts did; says what is missing'],
      ['reconverge sweep reports/hints-study/study.json --out again', 'the same study from its manifest alone'],
    ],
  }),
  define({
    usage: 'init <what>',
    summary: 'write a workflow and three scenarios to begin with',
    options: [],
    load: async () => (await import('./init-command.ts')).initCommand,
    examples: [['reconverge init ci', 'for GitHub; replaces no file']],
  }),
  define({
    usage: 'check <files..>',
    summary: 'find mistakes without running',
    options: ['strict', 'columns', 'no-color'],
    load: async () => (await import('./check-command.ts')).checkCommand,
    examples: [['reconverge check scenarios --strict', 'warnings count as mistakes']],
  }),
  define({
    usage: 'plan <scenario>',
    summary: 'show what would happen when, its size and its assumptions; runs nothing',
    options: ['seed', ...EDITS, 'json', 'columns', 'no-color'],
    load: async () => (await import('./plan-command.ts')).planCommand,
    examples: [['reconverge plan outage.yaml --seed 7 --json', 'the plan.json of that seed']],
  }),
  define({
    usage: 'explain [run]',
    summary: 'why copies differ or are wrong: the stories behind all of them, or one row',
    options: [
      'at',
      'group',
      'one',
      'key',
      'series',
      'token',
      'row',
      'zombie',
      'lost',
      'no-what-if',
      'json',
      'columns',
      'no-color',
    ],
    load: async () => (await import('./explain-command.ts')).explainCommand,
    examples: [
      ['reconverge explain', 'the end of the last run'],
      ['reconverge explain outage-7 --at faults.n3.end', 'an earlier moment: also what became of it'],
      ['reconverge explain --group 1 --one', 'one row of the first story, copy by copy'],
      ['reconverge explain --key shop.orders:4711 --at 3h', 'the history of one row up to a moment'],
    ],
  }),
  define({
    usage: 'operator <run> [command..]',
    summary: 'what an operator would have seen at a moment, beside the truth',
    options: ['at', 'node', 'since', 'seed', ...EDITS, 'json', 'no-color'],
    load: async () => (await import('./operator-command.ts')).operatorCommand,
    examples: [
      ['reconverge operator last --at 1h', 'a page: status, compactions, hints, repairs; and the truth'],
      ['reconverge operator outage.yaml --at repairs.by-hand.end log --node n2', 'system.log of n2 until then'],
      ['reconverge operator outage.yaml --at 2h nodetool tablestats shop.orders', 'as nodetool prints it then'],
      ["reconverge operator outage.yaml 'nodetool repair_admin list --all'", 'quoted, because it has an option'],
    ],
  }),
  define({
    usage: 'what-if [run]',
    summary: 'the same world with an edit: what differs, and from when on',
    options: [...EDITS, 'json', 'columns', 'no-color'],
    load: async () => (await import('./what-if-command.ts')).whatIfCommand,
    examples: [
      ['reconverge what-if last --set cluster.settings.max_hint_window=6h', 'the last run with longer hints'],
      ['reconverge what-if outage-7 --remove repairs.weekly', 'a run by the beginning of its name'],
    ],
  }),
  define({
    usage: 'advise [run]',
    summary: 'which repair: candidates compared from one moment, deadlines, the command',
    options: ['from', 'for', 'candidates', 'seeds', 'workers', 'json', 'columns', 'no-color'],
    helps: {
      from: 'the moment: 3h, faults.n3.end; default: the last fault is over',
      seeds: 'futures: 1..20 or 1,7,storm',
    },
    load: async () => (await import('./advise-command.ts')).adviseCommand,
    examples: [
      ['reconverge advise', 'the last run, at the moment when its last fault is over'],
      ['reconverge advise outage-7 --from 3h --for 12h', 'another moment, and half a day ahead'],
      ['reconverge advise --candidates wait,nodes --seeds 1..10', 'these two, over ten futures'],
    ],
  }),
  define({
    usage: 'query [words..]',
    summary: 'ask the results of runs and studies in SQL: query [RUN] "SELECT …"',
    options: ['in', 'format', 'output', 'limit', 'columns', 'no-color'],
    load: async () => (await import('./query/query-command.ts')).queryCommand,
    examples: [
      ['reconverge query', 'tables and columns of the last run'],
      ['reconverge query "SELECT metric, part, value FROM runs WHERE node = \'n1\'"', 'values of it at the end'],
      ['reconverge query outage-7 "FROM series" -o series.parquet', 'the series of a run for another program'],
      ['reconverge query --in outage-7 --in outage-8 "SELECT run_id, latent_copies FROM final"', 'two runs'],
    ],
  }),
  define({
    usage: 'view [run]',
    summary: 'show the report page of a run, served on this machine alone',
    options: ['port', 'no-open', 'no-color'],
    load: async () => (await import('./viewing/view-command.ts')).viewCommand,
    examples: [
      ['reconverge view', 'the last run, in the browser'],
      ['reconverge view outage-7 --port 8080 --no-open', 'says the address'],
    ],
  }),
  define({
    usage: 'report [run]',
    summary: 'a post-mortem to paste into a ticket: what happened, why, what is due',
    options: ['format', 'output', 'no-color'],
    load: async () => (await import('./viewing/report-command.ts')).reportCommand,
    examples: [
      ['reconverge report', 'the last run, as Markdown'],
      ['reconverge report outage-7 -o outage.md', 'a file, with outage.md.svg beside it'],
      ['reconverge report outage-7 --format html -o outage.html', 'one file without any script'],
    ],
  }),
  define({
    usage: 'schema <document>',
    summary: 'print the JSON Schema of scenario, study, plan or result',
    options: [],
    load: async () => (await import('./schema-command.ts')).schemaCommand,
    examples: [['reconverge schema scenario > .reconverge/scenario-1.json', 'for completion in an editor']],
  }),
];
