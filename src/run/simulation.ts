/**
 * One run in the making: a world and the observers that fold its trace. Can be driven to a moment, saved, restored (into
 * another simulation of the same plan: a fork), and finished into a result.
 */
import { assert } from '../base/assert.ts';
import { ANY } from '../observe/counters.ts';
import { Oracle } from '../observe/oracle.ts';
import { judgeExpectations, watchExpectations, type ExpectationWatches } from '../observe/expect.ts';
import { Gauges } from '../observe/gauges.ts';
import { Content } from '../observe/content.ts';
import { pointProbesOf, QueryLog } from '../observe/query-log.ts';
import { ReadLog } from '../observe/read-log.ts';
import { ReadProbe } from '../observe/probes.ts';
import type { RepairLedger, RunOutput } from '../observe/result.ts';
import { ALARM_EVENT, withAlarms } from '../observe/zombie-alarms.ts';
import { Recorder } from '../observe/series.ts';
import { derive, drawBelow, streamKey } from '../kernel/random.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import { numberedIds } from '../scenario/numbered-ids.ts';
import type { Plan, PlanReplication } from '../scenario/plan.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import { readingWorkloads } from './build-reads.ts';
import { gaugesOf } from './devices.ts';
import type { Progress } from './drive.ts';
import { openWorld, type OpenWorld } from './open-world.ts';
import { buildResult } from './build-result.ts';
import type { RunnableWorld } from './runnable-world.ts';
import type { World } from './world.ts';

export interface SimulationOptions {
  batched: boolean;
  /** Further observers of the trace; they must not influence anything. */
  observers?: readonly TraceObserver[];
  /** False: only the fingerprint (and the further observers) fold the trace; there is no result. */
  observed?: boolean;
  /** Records of this kind and higher ones are told at once (`kernel/prompt-trace.ts`). */
  promptFrom?: number;
  /** Called at moments of the series, after the oracle has taken all before them; must not influence anything. */
  onSample?: (oracle: Oracle, micros: number) => void;
  /** Entries of the plan from this index on sleep until `wake`. */
  entryEnd?: number;
}

export type SimulationState = ReadonlyMap<string, unknown>;

export class Simulation {
  readonly plan: Plan;
  readonly world: RunnableWorld;
  readonly oracle: Oracle;
  readonly recorder: Recorder;
  readonly probes: readonly ReadProbe[];
  readonly reads: ReadLog | null;
  readonly queries: QueryLog | null;
  readonly #watches: ExpectationWatches;
  readonly #open: OpenWorld;
  readonly #entryEnd: number;
  #started = false;

  constructor(plan: Plan, options: SimulationOptions) {
    this.plan = plan;
    this.#entryEnd = options.entryEnd ?? plan.entries.length;
    const observers: TraceObserver[] = [...(options.observers ?? [])];
    const { batched, promptFrom, onSample } = options;
    this.#open = openWorld(plan, { batched, observers, ...(promptFrom === undefined ? {} : { promptFrom }) });
    const { world, order } = this.#open;
    this.world = world;
    this.oracle = new Oracle({
      versions: world.versions,
      tables: world.tables,
      nodeCount: plan.nodes.length,
      entryCount: plan.entries.length,
      order,
      runEndMicros: world.endMicros,
    });
    this.probes = probesOf(this.#open, this.oracle);
    this.reads = readLogOf(this.#open, this.oracle);
    this.queries = pointProbesOf(plan).length === 0 ? null : new QueryLog(plan);
    const gauges = new Gauges(gaugesOf(plan, world.devices));
    this.recorder = new Recorder({
      plan,
      live: this.oracle,
      fold: this.oracle.recordFold,
      probes: this.probes,
      gauges,
      ...(this.reads === null ? {} : { reads: this.reads }),
      ...(this.queries === null ? {} : { queries: this.queries }),
      ...(onSample === undefined ? {} : { onSample: (micros) => onSample(this.oracle, micros) }),
    });
    this.#watches = watchExpectations(plan, this.recorder);
    // The trace keeps this very list.
    if (options.observed !== false) observers.push(this.recorder);
    world.parts.registerAs('oracle', this.oracle);
    world.parts.registerAs('recorder', this.recorder);
  }

  /** Everything before `micros` happens. */
  runTo(micros: number, progress: Progress | null = null): void {
    if (!this.#started) this.world.start(this.#entryEnd);
    this.#started = true;
    this.#open.drive(micros, progress);
  }

  /** The world, which must be one of tables in a ring. */
  get replicas(): World {
    const { replicas } = this.#open;
    assert(replicas !== null, `${this.plan.database} has no ring`);
    return replicas;
  }

  /** Entries `first` to before `end`, none of them due before now, take their places in the queue. */
  wake(first: number, end: number): void {
    this.world.faults.schedule(first, end);
  }

  /** Foreign algorithms of these entries end at the moment, with what is under way of them. */
  endAlgorithms(ids: readonly string[], micros: number): void {
    for (const id of ids) {
      const { rounds, numbers } = this.replicas;
      rounds.algorithms?.endAt(numbers.originOf.get(id) ?? 0, micros);
    }
  }

  /** What repairs have cost until now, by the ids of their entries. */
  repairCosts(): Record<string, RepairLedger> {
    return this.#open.result().repairs;
  }

  save(): SimulationState {
    return this.world.save();
  }

  /** Go on from a state of a simulation of the same plan. */
  load(state: SimulationState): void {
    this.#started = true;
    this.world.load(state);
  }

  finish(): RunOutput {
    const { world, recorder, oracle } = this;
    world.trace.flush();
    recorder.finish(world.endMicros);
    oracle.check();
    const pending = world.hints.pendingCount();
    assert(oracle.hintsPending(ANY) === pending, `observers count other hints than the ${pending} that wait`);
    const told = this.#open.result();
    const { probes, reads, queries } = this;
    const result = buildResult(this.plan, { world, told, oracle, recorder, probes, reads, queries });
    this.#noteAlarms(result);
    result.expectations = judgeExpectations(this.plan, { watches: this.#watches, result, timeline: recorder.timeline });
    return {
      result,
      series: recorder.series(),
      timeline: withAlarms(recorder.timeline.events(world.endMicros), result.zombies_spread),
    };
  }

  /** So that an expectation of order may name the first alarm: it comes after all records of its microsecond. */
  #noteAlarms({ zombies_spread: { alarms } }: RunOutput['result']): void {
    if (alarms.length === 0) return;
    this.recorder.timeline.noteEntryTime(ALARM_EVENT, { micros: alarms[0].at_micros, order: Infinity });
  }
}

/** Null where nothing reads. */
function readLogOf({ world, order }: OpenWorld, oracle: Oracle): ReadLog | null {
  const { plan, versions, tables } = world;
  const readers = readingWorkloads(plan);
  if (readers.length === 0) return null;
  return new ReadLog({
    readers,
    tables,
    nodeCount: plan.nodes.length,
    content: new Content(versions, order),
    promisedVersion: (slot) => oracle.promisedVersion(slot),
    expectedVersion: (slot) => oracle.expectedVersion(slot),
    windowMicros: plan.observe.every_micros,
  });
}

/** Primes that keep the addresses of a probe's draws apart. */
const READ_STRIDE = 1_000_003;
const CHOICE_STRIDE = 31;

function probesOf({ world, replicas }: OpenWorld, oracle: Oracle): ReadProbe[] {
  if (replicas === null) return [];
  const { plan } = world;
  const ids = numberedIds(plan.probes);
  return ids.flatMap((id) => {
    const probe = plan.probes[id];
    if (probe.kind !== 'read') return [];
    const table = world.tables.find((layout) => layout.id === probe.table);
    if (table === undefined) return [];
    const key = streamKey(seedFor(plan, 'rest'), 'probe', id);
    const draws = {
      below: (bound: number, sample: number, read: number, choice: number): number => {
        const own = derive(key, sample * CHOICE_STRIDE + choice);
        return drawBelow(own.k0, own.k1, read * READ_STRIDE, bound);
      },
    };
    const { versions, epochs } = replicas;
    const replicationIn = (epoch: number): PlanReplication => epochs.replicationOf(plan.tables[table.index], epoch);
    return [new ReadProbe({ id, probe, plan, table, versions, held: oracle, draws, replicationIn })];
  });
}
