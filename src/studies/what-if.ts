/**
 * What an edit of a plan changes: the same world run twice, with and without it, and every figure of both side by side.
 * Draws are addressed, so nothing changes but what the edit does; the first record that differs says until when the two
 * were identical. Runs are black boxes here: two answers come in, one document goes out.
 */
import { CAUSES } from '../data/causes.ts';
import type { CauseName } from '../data/causes.ts';
import type { ExpectationVerdict, RepairLedger, Result, RunOutput } from '../observe/result.ts';
import { Simulation } from '../run/simulation.ts';
import { namesOf } from '../observe/counters-reader.ts';
import type { Plan, PlanEdit } from '../scenario/plan.ts';
import { clockOf, recordText } from './record-text.ts';
import { convergedMicros } from './converged.ts';
import { BlockRecords, differingRecord, firstDifference, sharedOrigins, type BlockHashes } from './first-difference.ts';
import type { DifferingRecord, Renumbering } from './first-difference.ts';

/** A figure of the run as it was, and of the edited one. */
export interface Pair<Value = number> {
  base: Value;
  edited: Value;
}

export interface CauseChange {
  born: Pair;
  healed: Pair;
  left: Pair;
}

/** Null where the plan has no such repair. */
export interface RepairChange {
  outcome: Pair<RepairLedger['outcome'] | null>;
  took_micros: Pair<number | null>;
  read_bytes: Pair;
  hashed_rows: Pair;
  tree_bytes: Pair;
  sent_bytes: Pair;
  sent_for_nothing_bytes: Pair;
  healed_copies: Pair;
}

export type Verdict = ExpectationVerdict['verdict'];

/** The two runs were the same up to here; `base` is the run as it was. Nodes by id. */
export interface Parting {
  at_micros: number;
  record: number;
  base: string | null;
  edited: string | null;
}

export interface WhatIf {
  format: 1;
  version: string;
  name: string;
  database: string;
  seed: string;
  start: string | null;
  virtual_micros: Pair;
  edits: PlanEdit[];
  plan_hash: Pair<string>;
  fingerprint: Pair<string>;
  /** Every record is the same: the edit has no effect. */
  same_history: boolean;
  /** Null where no record differs. */
  parts: Parting | null;
  causes: Partial<Record<CauseName, CauseChange>>;
  /** Copies and rows at the end, by metric. */
  final: Record<string, Pair>;
  peak_divergent_copies: Pair;
  totals: Record<keyof Result['totals'], Pair>;
  /** When the last copy that was latent or waited for a hint was healed, as far as samples tell; null: not by the end; 0: there was none. */
  converged_micros: Pair<number | null>;
  hints: Record<string, Pair>;
  writes: Record<string, Pair>;
  repairs: Record<string, RepairChange>;
  /** Null where the plan has no such expectation. */
  expectations: Record<string, Pair<Verdict | null>>;
  replay: Pair<string>;
}

/** One of the two worlds. */
export interface WorldRun {
  plan: Plan;
  output: RunOutput;
  hashes: BlockHashes;
  /** The command that runs it again. */
  replay: string;
}

/** Observers for the two runs: `new BlockHashes(renumbering)`. */
export function renumberings(base: Plan, edited: Plan): Pair<Renumbering> {
  const [left, right] = sharedOrigins(base, edited);
  return { base: left, edited: right };
}

/** The document; runs both worlds again up to where they part, without their observers. */
export function whatIf(base: WorldRun, edited: WorldRun): WhatIf {
  const results = { base: base.output.result, edited: edited.output.result };
  const before = base.plan.source.edits ?? [];
  const of = <Value>(value: (result: Result) => Value): Pair<Value> => pairOf(results, value);
  const parts = partingOf(base, edited);
  return {
    format: 1,
    version: results.base.version,
    name: base.plan.name,
    database: base.plan.database,
    seed: base.plan.seed,
    start: base.plan.start,
    virtual_micros: of((result) => result.virtual_micros),
    edits: (edited.plan.source.edits ?? []).filter((edit) => !before.some((old) => isSame(old, edit))),
    plan_hash: of((result) => result.plan_hash),
    fingerprint: of((result) => result.fingerprint),
    same_history: parts === null,
    parts,
    causes: causesOf(results),
    final: numbersOf(of(({ final }): Readonly<Record<string, unknown>> => ({ ...final }))),
    peak_divergent_copies: of(({ peak }) => peak.divergent_copies),
    totals: {
      divergent_row_hours: of(({ totals }) => totals.divergent_row_hours),
      wrong_row_hours: of(({ totals }) => totals.wrong_row_hours),
    },
    converged_micros: pairOf({ base: base.output, edited: edited.output }, ({ series }) => convergedMicros(series)),
    hints: numbersOf(of(({ hints }) => hints)),
    writes: numbersOf(of(({ writes }) => writes)),
    repairs: repairsOf(results),
    expectations: verdictsOf(results),
    replay: { base: base.replay, edited: edited.replay },
  };
}

function isSame(left: PlanEdit, right: PlanEdit): boolean {
  return left.path === right.path && left.before === right.before && left.after === right.after;
}

function pairOf<From, Value>({ base, edited }: Pair<From>, value: (from: From) => Value): Pair<Value> {
  return { base: value(base), edited: value(edited) };
}

/** Members of both that are numbers; one that only one of them has is 0 in the other. */
function numbersOf({ base, edited }: Pair<Readonly<Record<string, unknown>>>): Record<string, Pair> {
  const names = unionOf(Object.keys(base), Object.keys(edited));
  const isNumber = (name: string): boolean => typeof (base[name] ?? edited[name]) === 'number';
  return Object.fromEntries(
    names.filter(isNumber).map((name) => [name, { base: Number(base[name] ?? 0), edited: Number(edited[name] ?? 0) }]),
  );
}

function unionOf(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])];
}

function causesOf({ base, edited }: Pair<Result>): WhatIf['causes'] {
  const ledgers = { base: base.final.by_cause, edited: edited.final.by_cause };
  const names: CauseName[] = CAUSES.filter(
    (name) => ledgers.base[name] !== undefined || ledgers.edited[name] !== undefined,
  );
  return Object.fromEntries(
    names.map((name): [string, CauseChange] => {
      const count = (figure: 'born' | 'healed' | 'left'): Pair => pairOf(ledgers, (of) => of[name]?.[figure] ?? 0);
      return [name, { born: count('born'), healed: count('healed'), left: count('left') }];
    }),
  );
}

function repairsOf({ base, edited }: Pair<Result>): Record<string, RepairChange> {
  const ledgers = { base: base.repairs, edited: edited.repairs };
  return Object.fromEntries(
    unionOf(Object.keys(ledgers.base), Object.keys(ledgers.edited)).map((id): [string, RepairChange] => {
      const both = pairOf(ledgers, (of): RepairLedger | null => (Object.hasOwn(of, id) ? of[id] : null));
      const count = (figure: RepairFigure): Pair => pairOf(both, (ledger) => ledger?.[figure] ?? 0);
      const change: RepairChange = {
        outcome: pairOf(both, (ledger) => ledger?.outcome ?? null),
        took_micros: pairOf(both, tookMicros),
        read_bytes: count('read_bytes'),
        hashed_rows: count('hashed_rows'),
        tree_bytes: count('tree_bytes'),
        sent_bytes: count('sent_bytes'),
        sent_for_nothing_bytes: count('sent_for_nothing_bytes'),
        healed_copies: count('healed_copies'),
      };
      return [id, change];
    }),
  );
}

type RepairFigure = Exclude<keyof RepairChange, 'outcome' | 'took_micros'>;

function tookMicros(ledger: RepairLedger | null): number | null {
  if (ledger === null || ledger.finished_micros === null || ledger.outcome === 'not_started') return null;
  return ledger.finished_micros - ledger.started_micros;
}

function verdictsOf({ base, edited }: Pair<Result>): Record<string, Pair<Verdict | null>> {
  const verdicts = { base: base.expectations, edited: edited.expectations };
  return Object.fromEntries(
    unionOf(Object.keys(verdicts.base), Object.keys(verdicts.edited)).map((id) => [
      id,
      pairOf(verdicts, (of) => (Object.hasOwn(of, id) ? of[id].verdict : null)),
    ]),
  );
}

// ---------------------------------------------------------------- where they part

function partingOf(base: WorldRun, edited: WorldRun): Parting | null {
  const hashes = { base: base.hashes.finished(), edited: edited.hashes.finished() };
  const block = firstDifference(hashes.base, hashes.edited);
  if (block === hashes.base.length && block === hashes.edited.length) return null;
  const by = renumberings(base.plan, edited.plan);
  const kept = {
    base: recordsOf(base, block, by.base),
    edited: recordsOf(edited, block, by.edited),
  };
  const found = differingRecord(kept.base, kept.edited, block);
  return found === null ? null : parting(found, { base: base.plan, edited: edited.plan });
}

function parting({ record, left, right }: DifferingRecord, { base, edited }: Pair<Plan>): Parting {
  const text = (plan: Plan, of: DifferingRecord['left']): string | null =>
    of === null ? null : recordText(of, namesOf(plan), clockOf(base));
  const times = [left, right].flatMap((of) => (of === null ? [] : [of.at_micros]));
  return { at_micros: Math.min(...times), record, base: text(base, left), edited: text(edited, right) };
}

/** The records of one block, by running that far again. */
function recordsOf({ plan, hashes }: WorldRun, block: number, renumbering: Renumbering): readonly number[] {
  const records = new BlockRecords(block, renumbering);
  const simulation = new Simulation(plan, { batched: true, observers: [records], observed: false });
  const { endMicros } = simulation.world;
  simulation.runTo(Math.min(endMicros, (hashes.ends[block] ?? endMicros) + 1));
  simulation.world.trace.flush();
  return records.kept;
}
