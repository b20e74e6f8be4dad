/**
 * Judges one scenario for `test`: runs it, and with `--prove` each of its variants. A variant must break every expectation
 * it names; an expectation that no variant breaks proves nothing. Everything comes back as data, mistakes and bugs too.
 */
import { MistakeError } from '../base/mistake.ts';
import type { Mistake } from '../base/mistake.ts';
import { namesEntry } from '../observe/counters-reader.ts';
import { findMetric } from '../observe/metrics.ts';
import type { Result } from '../observe/result.ts';
import type { Plan, PlanExpectation } from '../scenario/plan.ts';
import { executePlan } from './execute.ts';
import { InputError, replayCommand } from './failure.ts';
import type { Sources } from './failure.ts';
import { readInput } from './input.ts';
import type { Input } from './input.ts';
import type { Terminal } from './terminal.ts';

export type Status = 'held' | 'violated' | 'unproven' | 'undecided' | 'mistake' | 'bug';

/** One reason for not holding, and how to see it again. */
export interface Complaint {
  kind: 'violated' | 'undecided' | 'not_broken' | 'unproven';
  expectation: string;
  line: number;
  /** Where that is another file than the scenario. */
  file?: string;
  /** What was expected. */
  expected: string;
  detail: string;
  variant: string | null;
  replay: string;
}

export interface Judgement {
  file: string;
  name: string;
  status: Status;
  held: number;
  /** Expectations that were never decided, such as the cost of a repair that did not run. */
  undecided: number;
  expectations: number;
  /** Variants that were run. */
  variants: number;
  fingerprint: string | null;
  seconds: number;
  complaints: Complaint[];
  /** What is to be known of variants that did break what they must. */
  notes: string[];
  mistakes: readonly Mistake[];
  sources: Sources;
  bug: unknown;
}

export interface JudgeOptions {
  prove: boolean;
  quiet: boolean;
}

export async function judge(file: string, terminal: Terminal, options: JudgeOptions): Promise<Judgement> {
  const started = terminal.now();
  const judgement = emptyJudgement(file);
  try {
    await judgeInput(judgement, terminal, options);
  } catch (error) {
    refuse(judgement, error);
  }
  judgement.seconds = (terminal.now() - started) / 1000;
  return judgement;
}

function emptyJudgement(file: string): Judgement {
  const counts = { held: 0, undecided: 0, expectations: 0, variants: 0, seconds: 0 };
  const nothing = {
    complaints: [],
    notes: [],
    mistakes: [],
    sources: new Map<string, string>(),
    bug: null,
    fingerprint: null,
  };
  return { file, name: file, status: 'undecided', ...counts, ...nothing };
}

async function judgeInput(judgement: Judgement, terminal: Terminal, options: JudgeOptions): Promise<void> {
  const input = readInput(judgement.file, terminal);
  judgement.name = input.plan.name;
  const replay = replayOf(input, []);
  const result = await execute(input.plan, replay, terminal, options);
  const verdicts = Object.entries(result.expectations);
  judgement.fingerprint = result.fingerprint;
  judgement.expectations = verdicts.length;
  judgement.held = verdicts.filter(([, { verdict }]) => verdict === 'held').length;
  judgement.undecided = verdicts.filter(([, { verdict }]) => verdict === 'undecided').length;
  for (const [expectation, { verdict, expected, detail, ...place }] of verdicts) {
    if (verdict === 'held') continue;
    const complaint = { kind: verdict, expectation, ...placeIn(place), expected, detail };
    judgement.complaints.push({ ...complaint, variant: null, replay });
  }
  if (verdicts.length === 0) judgement.complaints.push(nothingExpected(replay));
  if (options.prove) await prove(judgement, input, terminal, options);
  judgement.status = statusOf(judgement);
}

function nothingExpected(replay: string): Complaint {
  const nowhere = { expectation: '', line: 0, expected: '', variant: null };
  return { kind: 'undecided', ...nowhere, detail: 'it has no `expect:`, so there is nothing to decide', replay };
}

async function prove(judgement: Judgement, input: Input, terminal: Terminal, options: JudgeOptions): Promise<void> {
  const broken = new Set<string>();
  const said = new Set<string>();
  for (const [variant, { edit, must_break: mustBreak, ...place }] of Object.entries(input.plan.source.variants)) {
    const replay = replayOf(input, editWords(edit));
    const { plan } = readInput(input.path, terminal, { variant });
    const result = await execute(plan, replay, terminal, options);
    judgement.variants++;
    for (const expectation of mustBreak) {
      const verdict = result.expectations[expectation];
      const unasked = repairMissed(plan.expect[expectation], result, expectation);
      if (unasked !== null)
        judgement.notes.push(`variant "${variant}" breaks "${expectation}": undecided, because ${unasked}`);
      if (verdict?.verdict === 'violated' || unasked !== null) {
        broken.add(expectation);
        continue;
      }
      said.add(expectation);
      const { expected = '', detail = 'it was not judged' } = verdict ?? {};
      const complaint = { kind: 'not_broken' as const, expectation, ...placeIn(place), expected, detail };
      judgement.complaints.push({ ...complaint, variant, replay });
    }
  }
  for (const [expectation, place] of Object.entries(input.plan.expect)) {
    if (broken.has(expectation) || said.has(expectation)) continue;
    const complaint = { kind: 'unproven' as const, expectation, ...placeIn(place), expected: '', variant: null };
    judgement.complaints.push({ ...complaint, detail: 'is broken by no variant', replay: replayOf(input, []) });
  }
}

function placeIn({ line, file }: { line: number; file?: string }): { line: number; file?: string } {
  return file === undefined ? { line } : { line, file };
}

/**
 * What a repair did can only be asked where it ran: a variant in which it does not breaks the expectation. In words, or null
 * where that is not what happened.
 */
function repairMissed(
  asked: PlanExpectation | undefined,
  { expectations, repairs }: Result,
  id: string,
): string | null {
  if (expectations[id]?.verdict !== 'undecided' || typeof asked?.metric !== 'string') return null;
  const { repair } = asked.where;
  if (repair === undefined && findMetric(asked.metric)?.ofRepair !== true) return null;
  const ran = Object.values(repairs).filter(({ outcome }) => outcome !== 'not_started');
  if (ran.some((ledger) => repair === undefined || namesEntry(repair, ledger.id))) return null;
  return repair === undefined ? 'no repair ran' : `${repair} did not run`;
}

async function execute(plan: Plan, replay: string, terminal: Terminal, { quiet }: JudgeOptions): Promise<Result> {
  const { output } = await executePlan(plan, terminal, { mode: 'batched', twice: false, quiet, replay });
  return output.result;
}

function statusOf({ complaints, expectations, undecided }: Judgement): Status {
  if (complaints.some(({ kind }) => kind === 'violated')) return 'violated';
  if (complaints.some(({ kind }) => kind !== 'undecided')) return 'unproven';
  return expectations === 0 || undecided > 0 ? 'undecided' : 'held';
}

/** A scenario that was not run because of a mistake, or a bug. */
export function refused(file: string, error: unknown): Judgement {
  const judgement = emptyJudgement(file);
  refuse(judgement, error);
  return judgement;
}

function refuse(judgement: Judgement, error: unknown): void {
  if (error instanceof MistakeError) {
    judgement.status = 'mistake';
    judgement.mistakes = error.mistakes;
    if (error instanceof InputError) judgement.sources = error.sources;
    return;
  }
  judgement.status = 'bug';
  judgement.bug = error;
}

function replayOf(input: Input, edits: readonly string[]): string {
  return replayCommand(['run', input.path, '--seed', input.plan.seed, ...edits]);
}

/** The edits of a variant as one would type them. */
function editWords(edit: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(edit).flatMap(([path, value]) => {
    if (value === null) return ['--remove', path];
    return ['--set', `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`];
  });
}
