/**
 * The write path, bare (no observer but the fingerprint): 3 nodes, RF 3, QUORUM, uniform keys over a million partitions.
 *
 * `batched` and `events` are the whole model in its two modes: coordinator, addressed latencies, consistency level, log,
 * memtable, flush, trace. The other variants are the messages alone on three queues, ours and two plain ones: a write, its
 * three deliveries and three acknowledgements as events, with draws, memories that grow, the client's answer and the
 * trace, but without views, time-outs, log marks or flushes. `phold` is the typed heap under PHOLD: how fast this machine
 * is just now, for absolute figures.
 */
import { type Sampler, compileDistribution } from '../src/kernel/distributions.ts';
import { LatencyTable } from '../src/kernel/latency-table.ts';
import { MICROS_MAX } from '../src/kernel/kernel.ts';
import { draw32, streamKey } from '../src/kernel/random.ts';
import { Trace } from '../src/kernel/trace.ts';
import { Simulation } from '../src/run/simulation.ts';
import type { Plan, PlanLatencies } from '../src/scenario/plan.ts';
import { ClosureHeapQueue, TypedHeapQueue, WheelQueue, type PholdQueue } from './peers.ts';
import { Phold } from './phold-model.ts';

export const WRITE_PATH_VARIANTS = ['batched', 'events', 'wheel', 'typed-heap', 'closure-heap', 'phold'] as const;

export type WritePathVariant = (typeof WRITE_PATH_VARIANTS)[number];

const PER_SECOND = 50_000;
const PARTITIONS = 1_000_000;
const NODES = 3;

export interface WritePathTiming {
  writes: number;
  cpuNanosPerWrite: number;
  fingerprint: string;
}

/** A run in two parts: what comes first is not timed, so that what is timed is compiled code. */
interface Warmed {
  first: () => void;
  rest: () => string;
}

const WARM_SHARE = 0.2;

/** CPU time, garbage collection and what is still compiled included, of so many writes (or events of `phold`). */
export function timeWritePath(variant: WritePathVariant, writes: number): WritePathTiming {
  const run = runOf(variant, writes);
  run.first();
  const before = process.cpuUsage();
  const fingerprint = run.rest();
  const used = process.cpuUsage(before);
  const timed = writes * (1 - WARM_SHARE);
  return { writes, cpuNanosPerWrite: ((used.user + used.system) * 1000) / timed, fingerprint };
}

function runOf(variant: WritePathVariant, writes: number): Warmed {
  if (variant === 'phold') return phold(writes);
  return variant === 'batched' || variant === 'events' ? ours(variant === 'batched', writes) : peer(variant, writes);
}

function phold(events: number): Warmed {
  const queue = new TypedHeapQueue(1_000);
  const load = new Phold(queue, 'exponential', events);
  load.seed(1_000);
  return {
    first: () => queue.run(Math.round(events * WARM_SHARE)),
    rest: () => {
      queue.run(Math.round(events * (1 - WARM_SHARE)));
      return String(load.checksum);
    },
  };
}

function ours(batched: boolean, writes: number): Warmed {
  const simulation = new Simulation(plan(writes), { batched, observed: false });
  return {
    first: () => simulation.runTo(Math.round(((writes * 1e6) / PER_SECOND) * WARM_SHARE)),
    rest: () => {
      simulation.runTo(simulation.world.endMicros);
      return simulation.world.trace.fingerprint();
    },
  };
}

function peer(variant: WritePathVariant, writes: number): Warmed {
  const model = new PeerModel(queueOf(variant), writes);
  return { first: () => model.runWrites(Math.round(writes * WARM_SHARE)), rest: () => model.finish() };
}

function queueOf(variant: WritePathVariant): PholdQueue {
  if (variant === 'wheel') return new WheelQueue(1 << 16);
  return variant === 'typed-heap' ? new TypedHeapQueue(1 << 16) : new ClosureHeapQueue();
}

const ARRIVAL = 1;
const DELIVERY = 2;
const ACKNOWLEDGEMENT = 3;
const QUORUM = 2;
const EVENTS_PER_WRITE = 1 + 2 * NODES;

/** The same messages without a model around them. */
class PeerModel {
  readonly #queue: PholdQueue;
  readonly #writes: number;
  readonly #trace = new Trace();
  readonly #key = streamKey('bench', 'peer');
  readonly #latency = new LatencyTable(tail(150, 120));
  readonly #slots: Int32Array[] = [];
  readonly #versions: Int32Array[] = [];
  readonly #counts = new Int32Array(NODES);
  readonly #keys: Int32Array;
  readonly #acknowledged: Uint8Array;
  #ran = 0;

  constructor(queue: PholdQueue, writes: number) {
    this.#queue = queue;
    this.#writes = writes;
    this.#keys = new Int32Array(writes);
    this.#acknowledged = new Uint8Array(writes);
    for (let node = 0; node < NODES; node += 1) {
      this.#slots.push(new Int32Array(1024));
      this.#versions.push(new Int32Array(1024));
    }
    queue.define(ARRIVAL, (index) => this.#arrive(index));
    queue.define(DELIVERY, (index, node) => this.#deliver(index, node));
    queue.define(ACKNOWLEDGEMENT, (index) => this.#acknowledge(index));
  }

  /** As many events as so many writes make; the first call. */
  runWrites(count: number): void {
    this.#queue.schedule(0, ARRIVAL, 0, 0);
    this.#queue.run(count * EVENTS_PER_WRITE);
    this.#ran = count * EVENTS_PER_WRITE;
  }

  finish(): string {
    if (this.#queue instanceof WheelQueue) this.#queue.drain(MICROS_MAX - 1);
    else this.#queue.run(this.#writes * EVENTS_PER_WRITE - this.#ran);
    return this.#trace.fingerprint();
  }

  #arrive(index: number): void {
    const { now } = this.#queue;
    const slot = Math.floor((draw32(this.#key.k0, this.#key.k1, index) * PARTITIONS) / 4_294_967_296);
    this.#keys[index] = slot;
    for (let node = 0; node < NODES; node += 1)
      this.#queue.after(this.#latency.at(this.#key.k0 + node, this.#key.k1, index), DELIVERY, index, node);
    this.#trace.record(now, ARRIVAL, 0, 0, index, slot, 0);
    if (index + 1 < this.#writes)
      this.#queue.after(Math.floor(((index + 1) * 1e6) / PER_SECOND) - now, ARRIVAL, index + 1, 0);
  }

  #deliver(index: number, node: number): void {
    const { now } = this.#queue;
    const count = this.#counts[node];
    if (count === this.#slots[node].length) this.#grow(node);
    this.#slots[node][count] = this.#keys[index];
    this.#versions[node][count] = index;
    this.#counts[node] = count + 1;
    this.#trace.record(now, DELIVERY, node, 0, index, this.#keys[index], 0);
    const back = this.#latency.at(this.#key.k0 + node, this.#key.k1 + 1, index);
    this.#queue.after(back, ACKNOWLEDGEMENT, index, node);
  }

  #acknowledge(index: number): void {
    this.#acknowledged[index] += 1;
    if (this.#acknowledged[index] === QUORUM)
      this.#trace.record(this.#queue.now, ACKNOWLEDGEMENT, 0, 0, index, this.#keys[index], 0);
  }

  #grow(node: number): void {
    for (const columns of [this.#slots, this.#versions]) {
      const grown = new Int32Array(columns[node].length * 2);
      grown.set(columns[node]);
      columns[node] = grown;
    }
  }
}

function tail(offset: number, mean: number): Sampler {
  return compileDistribution({ kind: 'exponential', offset, mean });
}

function plan(writes: number): Plan {
  const durationMicros = Math.ceil((writes * 1e6) / PER_SECOND);
  const latency = { kind: 'exponential', offset: 150, mean: 120 } as const;
  const latencies: PlanLatencies = { write: latency, ack: latency, read: latency, response: latency };
  const token = (index: number): string => String(-6148914691236517206n + BigInt(index) * 6148914691236517205n);
  return {
    format: 1,
    version: '0',
    name: 'bench',
    story: '',
    tags: [],
    database: 'cassandra@4.1.7',
    requested_database: 'cassandra@4.1',
    seed: 'bench',
    start: null,
    duration_micros: durationMicros,
    settle_micros: 1_000_000,
    settings: {},
    nodes: ['n1', 'n2', 'n3'].map((id, index) => ({ id, dc: 'dc1', rack: 'r1', tokens: [token(index)] })),
    devices: {
      disk_read_bytes_per_second: 4e8,
      disk_write_bytes_per_second: 3e8,
      fsync_micros: 2000,
      link_bytes_per_second: 1.25e8,
    },
    links: { local: latencies, rack: latencies, dc: latencies, wan: latencies, between: {} },
    tables: [table()],
    workload: {
      w: {
        table: 'k.t',
        arrivals: { kind: 'fixed', per_second: PER_SECOND },
        from_micros: 0,
        until_micros: durationMicros,
        count: null,
        keys: { kind: 'uniform', from: 0, to: PARTITIONS },
        mix: { insert: 1, update: 0, delete_cell: 0, delete_row: 0, delete_range: 0, delete_partition: 0 },
        update_groups: 1,
        ttl_seconds: 0,
        consistency: 'QUORUM',
        clients: { dc1: 1 },
        retry: null,
        batch: null,
      },
    },
    entries: [],
    probes: {},
    observe: { every_micros: 60_000_000, keys: [] },
    expect: {},
    model: { off: [] },
    assumptions: [],
    not_modelled: [],
    source: { file: 'bench', scenario: {}, imports: {}, variants: {} },
  };
}

function table(): Plan['tables'][number] {
  return {
    id: 'k.t',
    keyspace: 'k',
    name: 't',
    replication: { strategy: 'SimpleStrategy', factor: 3 },
    partitions: PARTITIONS,
    rows_per_partition: 1,
    column_groups: 1,
    row_bytes: 350,
    loaded: 'equal',
    gc_grace_micros: 864_000e6,
    default_ttl_seconds: 0,
    deletes_rows: false,
    compaction: {
      class: 'SizeTieredCompactionStrategy',
      min_threshold: 4,
      max_threshold: 32,
      min_sstable_bytes: 52_428_800,
      bucket_low: 0.5,
      bucket_high: 1.5,
      enabled: true,
    },
  };
}
