/**
 * `sweep`: a study's runs, kept as they end in a folder that goes on where it was, its tables and what it found. With `--part`
 * a share of the runs, with `--merge` the tables of what all parts did.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { methodsText } from '../report/methods.ts';
import { sweepPage } from '../report/page/sweep-page.ts';
import { renderStudy } from '../report/sweep.ts';
import { dictionaryMarkdown } from '../report/tables/dictionary.ts';
import { tableCsv } from '../report/tables/csv.ts';
import { tableParquet } from '../report/tables/parquet.ts';
import { runsTable } from '../report/tables/table.ts';
import { summarize } from '../studies/sweep/summary.ts';
import { isUnitProblem, parseQuantity } from '../scenario/units.ts';
import type { RunRecord } from '../studies/sweep/progress-of-study.ts';
import { runRows, runsDictionary, seriesDictionary, SeriesColumns, doneRuns } from '../studies/sweep/table-rows.ts';
import { areSameResults, studyResults } from '../studies/sweep/study-results.ts';
import type { Manifest, StudyResults } from '../studies/sweep/study.ts';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { EXIT, worstExit } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { mistakeOrBug, replayCommand, showWarnings } from './failure.ts';
import { Progress } from './progress.ts';
import { folderName, refuseFolder, resultsRoot } from './result-folder.ts';
import { adopt, drawStudy, textOfManifest } from './sweeping/draw-study.ts';
import type { Adopted } from './sweeping/draw-study.ts';
import { readManifest } from './sweeping/manifest.ts';
import { pageFile } from './report-page.ts';
import { replayOf } from './sweeping/run-job.ts';
import { runStudy } from './sweeping/run-study.ts';
import { MANIFEST, StudyFolder } from './sweeping/study-folder.ts';
import { columnsOf, shownPath } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { partOption, workersOption } from './testing/test-options.ts';
import type { Part } from './testing/test-options.ts';
import { flag, positional, textOption, wholeOption } from './words.ts';
import type { Words } from './words.ts';

type Records = ReadonlyMap<string, RunRecord>;

export const sweepCommand: Command = async (words, terminal, typed) => {
  const part = partOption(words);
  const merges = flag(words, 'merge');
  if (merges && part !== null)
    throw commandMistake('C102', '--merge and --part exclude each other', { expected: 'one of them' });
  const { manifest, path, expected, warnings } = await studyOf(words, terminal);
  const folder = new StudyFolder(path, manifest);
  const before = folder.open();
  // Also where --quiet: it says what the numbers are worth.
  await showWarnings({ warnings, sources: new Map() }, terminal, flag(words, 'no-color'));
  const asked: Asked = { manifest, folder, terminal, words, expected: expected ?? before, isSealed: before !== null };
  if (merges) return report(asked, folder.records(), { part, elapsedSeconds: null, writes: true });
  folder.begin(part);
  const progress = new Progress(terminal, { quiet: flag(words, 'quiet') });
  const goOn = replayCommand(typed);
  const deaf = terminal.onInterrupt?.(() => {
    progress.clear();
    folder.end();
    terminal.err.write(`interrupted: ${countDone(folder.records())} runs are safe; go on with\n${goOn}\n`);
  });
  const started = terminal.now();
  try {
    const records = await runStudy(manifest, folder, terminal, {
      ...{ part, progress, workers: workersOption(words, terminal) },
      atLook: (soFar) => writeTables(asked, soFar),
    });
    progress.clear();
    return report(asked, records, { part, elapsedSeconds: (terminal.now() - started) / 1000, writes: false });
  } catch (error) {
    throw mistakeOrBug(error, typed);
  } finally {
    deaf?.();
    progress.clear();
    folder.end();
  }
};

interface Asked {
  manifest: Manifest;
  folder: StudyFolder;
  terminal: Terminal;
  words: Words;
  /** What the study had ended with before. */
  expected: StudyResults | null;
  /** The folder says what the study has ended with. */
  isSealed: boolean;
}

/** From a study's file, or from the manifest of one; and where its results go. */
async function studyOf(words: Words, terminal: Terminal): Promise<Adopted & { path: string }> {
  const typedPath = positional(words, 'study');
  const absolute = resolve(terminal.folder, typedPath);
  const out = textOption(words, 'out');
  const placed = ({ manifest, ...adopted }: Adopted, home: string): Adopted & { path: string } => {
    const path = out === null ? home : resolve(terminal.folder, out);
    if (!existsSync(path)) refuseFolder(path);
    return { ...adopted, manifest: JSON.parse(JSON.stringify(manifest)) as Manifest, path };
  };
  if (absolute.endsWith('.json')) {
    const shown = shownPath(terminal, typedPath);
    const manifest = readManifest(shown, textOfManifest(absolute, shown));
    const home = basename(absolute) === MANIFEST ? dirname(absolute) : homeOf(absolute, terminal);
    return placed(adopt(manifest, shown), home);
  }
  const drawn = drawStudy(typedPath, terminal);
  if (!flag(words, 'quiet')) await showWarnings(drawn, terminal, flag(words, 'no-color'));
  return placed({ manifest: drawn.manifest, expected: null, warnings: [] }, homeOf(absolute, terminal));
}

function homeOf(absolute: string, { folder }: Terminal): string {
  const name = basename(absolute).replace(/([.]study)?[.](ya?ml|json)$/, '');
  return resolve(resultsRoot(folder), folderName({ name, seed: 'study', edited: null }));
}

function countDone(records: Records): number {
  return [...records.values()].filter(({ outcome }) => outcome === 'done').length;
}

function writeTables({ manifest, folder, terminal }: Asked, records: Records): string[] {
  const runs = runsTable(runsDictionary(manifest), runRows(manifest, records));
  const columns = new SeriesColumns();
  for (const record of manifest.series.length === 0 ? [] : doneRuns(manifest, records))
    columns.add(record, folder.seriesOf(record));
  const dictionaries = [runsDictionary(manifest), seriesDictionary(manifest)];
  const files: [string, string | Uint8Array][] = [
    ['runs.parquet', tableParquet(runs)],
    ['runs.csv', tableCsv(runs)],
    ['series.parquet', tableParquet({ dictionary: seriesDictionary(manifest), columns: columns.columns })],
    ['dictionary.md', dictionaryMarkdown(dictionaries)],
    ['methods.md', methodsText(manifest, summarize(manifest, records), studyResults(manifest, records))],
  ];
  files.push(...Object.entries(studyPage({ manifest, folder, terminal }, records)));
  for (const [name, content] of files) folder.put(name, content);
  return files.map(([name]) => name);
}

function studyPage(
  { manifest, folder, terminal }: Pick<Asked, 'manifest' | 'folder' | 'terminal'>,
  records: Records,
): Record<string, string> {
  const { scenario, seeds, database, not_modelled: notModelled } = manifest;
  return pageFile(terminal, 'sweep', () =>
    sweepPage(manifest, summarize(manifest, records), {
      database,
      notModelled,
      replay: replayCommand(['sweep', `${shownPath(terminal, folder.path)}/${MANIFEST}`]),
      replays: manifest.cells.map(({ edits }) => replayOf({ scenario, edits, seed: seeds[0] })),
      numberOf: numberOfValue,
    }),
  );
}

/** As a quantity of its own unit: the values of an axis are of one kind where they can be drawn on a scale. */
function numberOfValue(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const read = parseQuantity(value);
  return isUnitProblem(read) ? null : read.value;
}

interface Ended {
  part: Part | null;
  elapsedSeconds: number | null;
  /** The tables are not written yet. */
  writes: boolean;
}

function report(asked: Asked, records: Records, { part, elapsedSeconds, writes }: Ended): ExitCode {
  const { manifest, folder, terminal, words, expected, isSealed } = asked;
  const results = part === null ? studyResults(manifest, records) : null;
  if (results !== null && !isSealed) folder.seal(results);
  const repeated =
    results === null || expected === null ? null : { results, expected, isSame: areSameResults(results, expected) };
  if (writes) writeTables(asked, records);
  const summary = summarize(manifest, records);
  const shown = shownPath(terminal, folder.path);
  terminal.out.write(
    renderStudy(summary, {
      columns: columnsOf(terminal.out, wholeOption(words, 'columns', 40, 400)),
      color: false,
      elapsedSeconds,
      folder: shown,
      part,
      repeated,
      replay: replayCommand(['sweep', `${shown}/${MANIFEST}`]),
    }),
  );
  if (repeated?.isSame === false) return EXIT.violated;
  const ofFailed = summary.failed.map(({ is_mistake: isMistake }) => (isMistake === true ? EXIT.mistake : EXIT.bug));
  return worstExit([...ofFailed, ...(summary.missing > 0 && part === null ? [EXIT.undecided] : [])]);
}
