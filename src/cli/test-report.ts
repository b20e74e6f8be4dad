/** The text and the JSON of `test`: functions of the judgements. */
import { basename } from 'node:path';
import picocolors from 'picocolors';
import { jsonText } from '../report/json.ts';
import { escapeControls, wrap } from '../report/width.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Complaint, Judgement, Status } from './judge.ts';
import { outcomeLine } from './outcome.ts';
import { goldenPath } from './testing/golden-file.ts';

/** Where nobody says how wide it may be. */
const COLUMNS = 80;

const SIGN: Record<Status, string> = {
  held: '✓',
  violated: '✗',
  unproven: '✗',
  moved: '~',
  undecided: '?',
  mistake: '✗',
  bug: '✗',
};

/** `✓ scenarios/hints/rack.yaml  4 of 4 held  1.2 s` */
export function lineOf(judgement: Judgement, color: boolean, columns = COLUMNS): string {
  const { status, file, held, expectations, variants, notes, seconds } = judgement;
  const colors = picocolors.createColors(color);
  const paint = status === 'held' ? colors.green : status === 'undecided' ? colors.yellow : colors.red;
  const counts =
    status === 'mistake' || status === 'bug' ? status : `${held} of ${expectations} held${openText(judgement)}`;
  const proved = variants === 0 ? '' : ` · ${variants} ${variants === 1 ? 'variant' : 'variants'}`;
  const head = `${paint(SIGN[status])} ${escapeControls(file)}  ${counts}${proved}  ${colors.dim(`${seconds.toFixed(1)} s`)}\n`;
  return (
    head + notes.flatMap((note) => wrappedLines(note, columns, '    ').map((line) => colors.dim(`${line}\n`))).join('')
  );
}

/** Why a line without a broken expectation is not green. */
function openText({ status, undecided }: Judgement): string {
  if (status === 'unproven') return ', unproven';
  if (status === 'moved') return ', moved';
  return undecided > 0 ? `, ${undecided} undecided` : '';
}

/** One block for each expectation that did not do what it should; the replay command is its first line. */
export function complaintText(judgements: readonly Judgement[], color: boolean, columns = COLUMNS): string {
  const look: BlockLook = { red: picocolors.createColors(color).red, columns };
  const blocks = judgements.flatMap(({ file, complaints, moved }) => [
    ...complaints.map((complaint) => complaintBlock(file, complaint, look)),
    ...(moved === null ? [] : [movedBlock(file, moved, look)]),
  ]);
  return blocks.map((block) => `\n${block}`).join('') + (blocks.length > 0 ? '\n' : '');
}

interface BlockLook {
  red: (text: string) => string;
  columns: number;
}

function movedBlock(
  file: string,
  { replay, changes, details }: NonNullable<Judgement['moved']>,
  { red, columns }: BlockLook,
): string {
  const [first, ...others] = changes;
  const lines = [`${basename(goldenPath(file))}  ${first}`, ...others.map((change) => `  ${change}`), ...details];
  return blockText(`${red('MOVED')} `, replay, lines, columns);
}

function complaintBlock(file: string, complaint: Complaint, { red, columns }: BlockLook): string {
  const { kind, expectation, line, expected, detail, seeds, variant, replay } = complaint;
  const said = [expected, detail].filter((text) => text !== '').join('   ');
  const name = basename(complaint.file ?? file);
  const place = line > 0 ? `${name}:${line}` : name;
  const head = [place, expectation, seeds].filter((text) => text !== '').join('  ');
  if (kind === 'violated')
    return blockText(
      `${red('FAIL')}  `,
      replay,
      [head, said, ...nextLines(complaint), ...(complaint.against ?? [])],
      columns,
    );
  if (kind === 'undecided') return blockText('OPEN  ', replay, [head, said], columns);
  if (kind === 'unproven')
    return blockText(`${red('PROVE')} `, `${place}  expectation "${expectation}" ${detail}`, [], columns);
  const missed = `${place}  variant "${variant}" must break "${expectation}", and does not`;
  return blockText(`${red('PROVE')} `, replay, [missed, said], columns);
}

function nextLines({ next }: Complaint): string[] {
  return next === undefined ? [] : [`then  ${next}`];
}

/** The first line is a command: it stays whole. Names and values come from files: none of them moves the cursor. */
function blockText(mark: string, first: string, lines: readonly string[], columns: number): string {
  const below = lines.flatMap((line) => wrappedLines(line, columns, '  '));
  return `${mark}${[escapeControls(first), ...below].map((line) => `${line}\n`).join('')}`;
}

/** Wrapped under itself, however far it is indented; spaces within a line stay. */
function wrappedLines(text: string, columns: number, indent: string): string[] {
  const own = /^ */.exec(text)?.[0] ?? '';
  const before = indent + own;
  const lines = wrap(escapeControls(text.slice(own.length)), columns - before.length - 2);
  return lines.map((line, index) => before + (index === 0 ? '' : '  ') + line);
}

const COUNTED: readonly Status[] = ['held', 'violated', 'unproven', 'moved', 'undecided', 'mistake', 'bug'];

function count(judgements: readonly Judgement[], status: Status): number {
  return judgements.filter((judgement) => judgement.status === status).length;
}

export interface Tested {
  judgements: readonly Judgement[];
  /** Files that were asked for. */
  names: readonly string[];
  runs: { runs: number; fromCache: number };
  seconds: number;
  /** Ctrl-C: what is not judged was given up. */
  isInterrupted?: boolean;
}

/**
 * `59 held · 1 violated  of 60 scenarios, 48 s` and, last, the line that a program looks for. Where scenarios were not run
 * because enough had failed, or time was over, they are undecided.
 */
export function totals({ judgements, names, runs, seconds }: Tested, code: ExitCode): string {
  const files = names.length;
  const counts = COUNTED.map((status) => ({ status, number: count(judgements, status) }));
  const shown = counts.filter(({ status, number }) => number > 0 || status === 'held' || status === 'violated');
  const words = shown.map(
    ({ status, number }) => `${number} ${status === 'mistake' || status === 'bug' ? `with a ${status}` : status}`,
  );
  const left = files - judgements.length;
  if (left > 0) words.push(`${left} not run`);
  const summary = `${words.join(' · ')}   of ${files} ${files === 1 ? 'scenario' : 'scenarios'}, ${runsText(runs)}, ${seconds.toFixed(1)} s\n`;
  const { held: _held, ...notHeld } = Object.fromEntries(counts.map(({ status, number }) => [status, number]));
  return summary + outcomeLine({ ...notHeld, not_run: left }, code);
}

function runsText({ runs, fromCache }: Tested['runs']): string {
  return `${runs} ${runs === 1 ? 'run' : 'runs'}${fromCache === 0 ? '' : ` (${fromCache} from cache)`}`;
}

/** Without times, so that equal runs give equal bytes. */
export function testJson({ judgements, names }: Tested): string {
  const files = names.length;
  const counts = Object.fromEntries(COUNTED.map((status) => [status, count(judgements, status)]));
  const scenarios = judgements.map(
    ({ seconds: _seconds, sources: _sources, files: _files, golden: _golden, bug, ...judgement }) => ({
      ...judgement,
      bug: bug?.message ?? null,
    }),
  );
  return jsonText({ format: 1, scenarios, totals: { files, ...counts } });
}
