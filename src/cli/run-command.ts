/** `run`: one scenario or plan, its report on standard output, its files in a result folder. */
import { createHash } from 'node:crypto';
import { basename, dirname, resolve } from 'node:path';
import { MistakeError } from '../base/mistake.ts';
import { resultJson } from '../report/json.ts';
import { runPage } from '../report/page/run-page.ts';
import { renderRun } from '../report/run.ts';
import { seriesCsv } from '../report/csv.ts';
import { findMetric } from '../observe/metrics.ts';
import type { Result, RunOutput } from '../observe/result.ts';
import { planHash } from '../scenario/load.ts';
import type { Plan } from '../scenario/plan.ts';
import { splitColumn } from '../studies/end-values.ts';
import { PageWatch } from '../studies/page-watch.ts';
import type { Command } from './command.ts';
import { executePlan } from './execute.ts';
import type { Execution } from './execute.ts';
import { EXIT, worstExit } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { replayCommand, showWarnings } from './failure.ts';
import { memoryWarning, refuseMemory } from './memory.ts';
import { readInput } from './input.ts';
import type { Input } from './input.ts';
import { nextSteps } from './next-step.ts';
import { outcomeLine } from './outcome.ts';
import { planJson } from './plan-json.ts';
import { folderName, isResultFolder, refuseFolder, resultsRoot, writeResultFolder } from './result-folder.ts';
import type { ResultFiles } from './result-folder.ts';
import { pageFile } from './report-page.ts';
import { LAST } from './run-argument.ts';
import { columnsOf, shellWord, shownPath, wantsColor } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { choiceOption, flag, positional, textOption, wholeOption } from './words.ts';
import type { Words } from './words.ts';

const REPORT_COLUMNS = 80;

interface RunOptions {
  seed: string | null;
  out: string | null;
  mode: 'batched' | 'events';
  columns: number | null;
  json: boolean;
  twice: boolean;
  parquet: boolean;
  html: boolean;
  live: boolean;
  details: boolean;
  quiet: boolean;
  noColor: boolean;
}

export const runCommand: Command = async (words, terminal, typed) => {
  const options = runOptions(words);
  const input = readInput(positional(words, 'scenario'), terminal, { seed: options.seed, typed });
  const folder = resultFolder(input, options, terminal);
  refuseFolder(folder);
  refuseMemory(input.plan, terminal);
  const memory = memoryWarning(input.plan, terminal);
  const warnings = memory === null ? input.warnings : [...input.warnings, memory];
  if (!options.quiet) await showWarnings({ ...input, warnings }, terminal, options.noColor);
  const watch = options.html && terminal.pageTemplate !== undefined ? new PageWatch(input.plan) : null;
  const done = await executePlan(input.plan, terminal, {
    ...(watch?.watching ?? {}),
    mode: options.mode,
    twice: options.twice,
    quiet: options.quiet,
    live: options.live ? { noColor: options.noColor } : null,
    replay: replayCommand(typed),
  });
  const replay = replayOf(folder, terminal);
  const files = {
    ...resultFiles(done.output, input.plan),
    ...(options.parquet ? await parquetFile(done.output) : {}),
    ...(options.html
      ? pageFile(terminal, 'run', () => runPage(done.output, input.plan, { replay, view: watch?.view() ?? null }))
      : {}),
  };
  const refused = await refusalOf(writeResultFolder(folder, files));
  const next = nextSteps(done.output.result, runName(folder, terminal));
  const kept = { files: filesText(folder, files, terminal), next, replay };
  const place = refused === null ? kept : { replay: replayCommand(typed) };
  terminal.out.write(answer(done, { plan: input.plan, ...place }, options, terminal));
  if (refused !== null) throw refused;
  return exitOf(done.output.result);
};

/** The mistake of files that cannot be written: what was found in the run is told before it. */
async function refusalOf(writing: Promise<void>): Promise<MistakeError | null> {
  try {
    await writing;
    return null;
  } catch (error) {
    if (error instanceof MistakeError) return error;
    throw error;
  }
}

function runOptions(words: Words): RunOptions {
  return {
    seed: textOption(words, 'seed'),
    out: textOption(words, 'out'),
    mode: choiceOption(words, 'mode', ['batched', 'events']) ?? 'batched',
    columns: wholeOption(words, 'columns', 40, 400),
    json: flag(words, 'json'),
    twice: flag(words, 'twice'),
    parquet: flag(words, 'parquet'),
    html: !flag(words, 'no-html'),
    live: flag(words, 'live'),
    details: flag(words, 'details'),
    quiet: flag(words, 'quiet'),
    noColor: flag(words, 'no-color'),
  };
}

/** Where the results go. A plan that lies in a result folder and was not changed renews that folder. */
function resultFolder(input: Input, options: RunOptions, terminal: Terminal): string {
  if (options.out !== null) return resolve(terminal.folder, options.out);
  const home = dirname(resolve(terminal.folder, input.path));
  if (input.isUnchangedPlan && basename(input.path) === 'plan.json' && isResultFolder(home)) return home;
  return resolve(
    resultsRoot(terminal.folder),
    folderName({ name: input.name, seed: input.plan.seed, edited: editedHash(input.plan) }),
  );
}

/** Tells what-ifs of one scenario apart, also those that are only judged by something else; null where nothing was edited. */
function editedHash(plan: Plan): string | null {
  if (plan.source.edits === undefined || plan.source.edits.length === 0) return null;
  const { name, story, tags, observe, expect } = plan;
  const hash = createHash('sha256');
  return hash.update(`${planHash(plan)} ${JSON.stringify({ name, story, tags, observe, expect })}`).digest('hex');
}

function resultFiles(output: RunOutput, plan: Plan): ResultFiles {
  return {
    'plan.json': planJson(plan),
    'result.json': resultJson(output.result),
    'series.csv': seriesCsv(output.series),
    'report.txt': renderRun(output, plan, { columns: REPORT_COLUMNS, color: false, details: true }),
  };
}

/** Asked for, because its writer costs more than all other files together. */
async function parquetFile({ series }: RunOutput): Promise<ResultFiles> {
  const { tableParquet } = await import('../report/tables/parquet.ts');
  const { runSeriesTable } = await import('../report/tables/run-series.ts');
  const table = runSeriesTable(series, (column) => {
    const { unit = null, meaning = '' } = findMetric(splitColumn(column).metric) ?? {};
    return { unit, meaning };
  });
  return { 'series.parquet': tableParquet(table) };
}

interface Told {
  plan: Plan;
  replay: string;
  /** Where they were written, and which; absent: nowhere. */
  files?: string;
  next?: readonly string[];
}

function answer(done: Execution, told: Told, options: RunOptions, terminal: Terminal): string {
  if (options.json) return resultJson(done.output.result);
  const { plan, ...place } = told;
  const { result } = done.output;
  const code = place.files === undefined ? EXIT.mistake : exitOf(result);
  if (options.quiet) return quietAnswer(result, place.replay) + outcomeText(result, code);
  const text = renderRun(done.output, plan, {
    columns: columnsOf(terminal.out, options.columns),
    color: wantsColor(terminal, terminal.out, options.noColor),
    details: options.details,
    ...place,
    elapsedSeconds: done.elapsedSeconds,
  });
  const twice = options.twice ? ' ran twice: every record is the same\n' : '';
  return text + twice + outcomeText(result, code);
}

function filesText(folder: string, files: ResultFiles, terminal: Terminal): string {
  return `${shownPath(terminal, folder)}/  ${Object.keys(files).join(' ')}`;
}

/** As `explain` takes it. */
function runName(folder: string, terminal: Terminal): string {
  return dirname(folder) === resultsRoot(terminal.folder) ? LAST : shellWord(shownPath(terminal, folder));
}

/** The plan that was run lies beside its results. */
function replayOf(folder: string, terminal: Terminal): string {
  return replayCommand(['run', `${shownPath(terminal, folder)}/plan.json`]);
}

function quietAnswer(result: Result, replay: string): string {
  const open = Object.entries(result.expectations).filter(([, { held }]) => !held);
  const lines = open.map(([id, { verdict, expected, detail }]) => {
    return `${verdict === 'violated' ? '✗' : '?'} ${id}  ${expected}   ${detail}\n`;
  });
  return [...lines, `replay ${replay}\n`].join('');
}

/** Nothing where all is well; else the same last line as `test`, counting expectations. */
function outcomeText(result: Result, code: ExitCode): string {
  const verdicts = Object.values(result.expectations).map(({ verdict }) => verdict);
  const countOf = (wanted: string): number => verdicts.filter((verdict) => verdict === wanted).length;
  return code === EXIT.held
    ? ''
    : outcomeLine({ violated: countOf('violated'), undecided: countOf('undecided') }, code);
}

/** A run that expects nothing has nothing to violate. */
function exitOf(result: Result): ExitCode {
  return worstExit(Object.values(result.expectations).map(({ verdict }) => EXIT[verdict]));
}
