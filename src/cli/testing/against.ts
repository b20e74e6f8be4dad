/**
 * `--against REV`: the same scenario as a git revision holds it, run with the same seed. What grew, by cause; and where an
 * expectation held there and is violated here, each changed key is put back alone to see which turns it green.
 */
import { dirname, resolve } from 'node:path';
import { MistakeError } from '../../base/mistake.ts';
import { formatCount } from '../../base/human.ts';
import { readInput } from '../input.ts';
import type { Input } from '../input.ts';
import type { Complaint, JudgedRuns, Judgement } from '../judge.ts';
import type { Terminal } from '../terminal.ts';
import { fileChanges, scenarioChanges } from './changed-keys.ts';
import type { Revision } from './git.ts';
import { shapeLines } from './compare-golden.ts';
import { sparkline } from './golden.ts';
import type { TestJob, TestOutcome, TestRun } from './job.ts';

/** Each is a run. */
const CHANGES_MAX = 40;
const VALUE_LENGTH_MAX = 60;

export interface AgainstOptions {
  revision: Revision;
  terminal: Terminal;
  run: (job: Pick<TestJob, 'file' | 'seed' | 'edits' | 'overlay'>) => Promise<TestOutcome>;
}

/** Adds what it finds to the judgement: to each violated expectation, or to its notes where none is. */
export async function judgeAgainst(
  judgement: Judgement,
  judged: JudgedRuns,
  { revision, terminal, run }: AgainstOptions,
): Promise<void> {
  const options = { revision, terminal, run: remembered(run) };
  if (judgement.golden === null) return;
  const old = inputAt(judgement.file, revision, terminal);
  if (typeof old === 'string') {
    judgement.notes.push(old);
    return;
  }
  noteDirty(judgement, revision, terminal);
  const violated = judgement.complaints.filter(({ kind }) => kind === 'violated');
  for (const complaint of violated)
    complaint.against = await linesFor(complaint, { file: judgement.file, judged, old }, options);
  if (violated.length > 0) return;
  const grown = await grownLines(judged.seed, { file: judgement.file, judged, old }, options);
  judgement.notes.push(...grown.lines);
}

/** Files that the scenario reads; of itself it was said before anything ran. */
function noteDirty(judgement: Judgement, revision: Revision, { folder }: Terminal): void {
  const read = judgement.files.filter((file) => file !== judgement.file).map((file) => resolve(folder, file));
  const dirty = read.length === 0 ? [] : revision.dirtyAmong(read);
  if (dirty.length > 0)
    judgement.notes.push(`not committed, compared with ${revision.name} as it lies here: ${dirty.join(', ')}`);
}

type Run = AgainstOptions['run'];

/** Several expectations ask for the same runs; each is made once. */
function remembered(run: Run): Run {
  const outcomes = new Map<string, Promise<TestOutcome>>();
  return (job) => {
    const key = JSON.stringify([job.file, job.seed, job.edits, job.overlay]);
    const outcome = outcomes.get(key) ?? run(job);
    outcomes.set(key, outcome);
    return outcome;
  };
}

/** Both sides of the comparison. */
interface Sides {
  file: string;
  judged: JudgedRuns;
  old: OldInput;
}

interface OldInput {
  input: Input;
  /** Of every file that it read, its text at the revision. */
  overlay: Record<string, string>;
}

/** Or a sentence that says why there is none. */
function inputAt(file: string, revision: Revision, terminal: Terminal): OldInput | string {
  const overlay: Record<string, string> = {};
  const readText = (absolute: string): { text: string } | { error: string } => {
    const text = revision.textOf(absolute);
    if (text === null) return { error: `it is not in ${revision.name}` };
    overlay[absolute] = text;
    return { text };
  };
  if (revision.textOf(resolve(terminal.folder, file)) === null) return `new since ${revision.name}`;
  try {
    return { input: readInput(file, terminal, { readText }), overlay };
  } catch (error) {
    if (!(error instanceof MistakeError)) throw error;
    const [{ code, message }] = error.mistakes;
    return `in ${revision.name} it cannot be read: ${code} ${message}`;
  }
}

interface Grown {
  lines: string[];
  old: TestRun | null;
}

async function grownLines(
  seed: string,
  { file, judged, old: { overlay } }: Sides,
  { revision, run }: AgainstOptions,
): Promise<Grown> {
  const now = judged.runs.get(seed);
  const before = await run({ file, seed, edits: [], overlay });
  if (before.kind !== 'done' || now === undefined) {
    const why = before.kind === 'bug' ? `: ${before.message}` : '';
    const said = before.kind === 'not_run' ? 'it was not run there any more' : `it could not be run there${why}`;
    return { lines: [`against ${revision.name}: ${said}`], old: null };
  }
  const causes = [...new Set([...Object.keys(before.run.born), ...Object.keys(now.born)])];
  const changed = causes.filter((cause) => (before.run.born[cause] ?? 0) !== (now.born[cause] ?? 0));
  if (changed.length === 0) return { lines: [], old: before.run };
  const rows = changed.map((cause) => {
    const [left, right] = [before.run, now].map(({ born }) => formatCount(born[cause] ?? 0));
    return `  ${cause}  ${left} → ${right}`;
  });
  const shapes = shapeLines([sparkline(before.run.shape), sparkline(now.shape)]).map((line) => `  ${line}`);
  return { lines: [`against ${revision.name}, copies by cause`, ...rows, ...shapes], old: before.run };
}

async function linesFor(complaint: Complaint, sides: Sides, options: AgainstOptions): Promise<string[]> {
  const { revision } = options;
  const { lines, old: before } = await grownLines(complaint.seed ?? sides.judged.seed, sides, options);
  const verdict = before?.expectations[complaint.expectation]?.verdict;
  if (before === null) return lines;
  if (verdict === undefined) return [...lines, `${revision.name} has no such expectation`];
  if (verdict !== 'held') return [...lines, `${verdict} in ${revision.name}, too`];
  return [...lines, ...(await becauseOf(complaint, sides, options))];
}

/** One key, and the world of today with its old value. */
interface Change {
  says: string;
  edits: readonly string[];
  overlay: Record<string, string> | null;
}

async function becauseOf(complaint: Complaint, { file, old }: Sides, options: AgainstOptions): Promise<string[]> {
  const changes = changesOf(file, old, options.terminal);
  if (changes.length === 0) return ['no key of the scenario changed: its expectations did, or the program'];
  const tried = changes.slice(0, CHANGES_MAX);
  const outcomes = await Promise.all(
    tried.map(({ edits, overlay }) => options.run({ file, seed: complaint.seed, edits, overlay })),
  );
  const green = tried.filter((_change, index) => {
    const outcome = outcomes[index];
    return outcome.kind === 'done' && outcome.run.expectations[complaint.expectation]?.verdict === 'held';
  });
  const count = `each of ${changes.length} changed ${changes.length === 1 ? 'key' : 'keys'} put back alone`;
  const left = changes.length > tried.length ? `; only the first ${tried.length} were tried` : '';
  if (green.length === 0) return [`because of several together (${count}; none turns it green${left})`];
  const which = green.length === 1 ? 'only this one turns it green' : 'each of these turns it green';
  return [...green.map(({ says }) => `because of  ${says}`), `(${count}; ${which}${left})`];
}

function changesOf(file: string, { input: old }: OldInput, terminal: Terminal): Change[] {
  const now = readInput(file, terminal);
  const [before, after] = [old.plan.source, now.plan.source];
  const keys = scenarioChanges(before.scenario, after.scenario).map(({ path, before: was, after: is, putBack }) => ({
    says: `${path}  ${valueText(was)} → ${valueText(is)}`,
    edits: putBack,
    overlay: null,
  }));
  const folder = dirname(resolve(terminal.folder, file));
  const files = Object.entries(after.imports).flatMap(([path, text]) => {
    const was = before.imports[path];
    return was === undefined
      ? []
      : fileChanges(was, text).map((change): Change => {
          const place = change.line === 0 ? path : `${path}:${change.line}`;
          const says = `${place}  ${valueText(change.before)} → ${valueText(change.after)}`;
          return { says, edits: [], overlay: { [resolve(folder, path)]: change.text } };
        });
  });
  return [...keys, ...files];
}

function valueText(value: unknown): string {
  const text = value === undefined ? 'not there' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}
