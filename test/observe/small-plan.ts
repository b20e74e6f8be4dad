/** A plan of three nodes and one table for tests of observers, and an oracle of which a test sets every number. */
import { ANY } from '../../src/observe/counters.ts';
import type { CopyFilter, LiveCounters, RecordFold } from '../../src/observe/counters.ts';
import { endOfInstant, microsOf } from '../../src/observe/instants.ts';
import { RECORD_STRIDE } from '../../src/data/records.ts';
import type { Plan, PlanExpectation, PlanLatencies } from '../../src/scenario/plan.ts';

const LATENCIES: PlanLatencies = {
  write: { kind: 'constant', value: 500 },
  ack: { kind: 'constant', value: 500 },
  read: { kind: 'constant', value: 500 },
  response: { kind: 'constant', value: 500 },
};

export function smallPlan(changes: Partial<Plan> = {}): Plan {
  return {
    format: 1,
    version: '0.1.0',
    name: 'Small',
    story: '',
    tags: [],
    database: 'cassandra@4.1.7',
    requested_database: 'cassandra@4.1',
    seed: '1',
    start: null,
    duration_micros: 1000,
    settle_micros: 0,
    settings: {},
    nodes: ['n1', 'n2', 'n3'].map((id, index) => ({ id, dc: 'dc1', rack: 'r1', tokens: [String(index)] })),
    devices: {
      disk_read_bytes_per_second: 1,
      disk_write_bytes_per_second: 1,
      fsync_micros: 1,
      link_bytes_per_second: 1,
    },
    links: { local: LATENCIES, rack: LATENCIES, dc: LATENCIES, wan: LATENCIES, between: {} },
    tables: [],
    workload: {},
    entries: [
      { id: 'faults.away', kind: 'stopNode', nodes: ['n3'], at_micros: 100, for_micros: 300 },
      {
        id: 'repairs.by-hand',
        kind: 'repair',
        nodes: ['n3'],
        one_after_another: false,
        every_micros: null,
        at_micros: 500,
        command: 'nodetool repair -full ks t',
        options: {
          keyspace: 'ks',
          tables: ['ks.t'],
          strategy: 'full-parallel',
          primary_range: false,
          start_token: null,
          end_token: null,
          local_dc: false,
          data_centers: [],
          hosts: [],
          force: false,
          pull: false,
          optimise_streams: false,
          preview: 'none',
          ignore_unreplicated: false,
          further_keyspaces: [],
        },
      },
    ],
    probes: {},
    observe: { every_micros: 100, keys: [] },
    expect: {},
    model: { off: [] },
    assumptions: [],
    not_modelled: [],
    source: { file: 'small.yaml', scenario: {}, imports: {}, variants: {} },
    ...changes,
  };
}

export function expectation(changes: Partial<PlanExpectation>): PlanExpectation {
  return {
    check: 'at',
    metric: 'divergent_copies',
    where: {},
    bounds: {},
    at_micros: null,
    from_micros: 0,
    to_micros: Infinity,
    within_micros: null,
    events: [],
    law: null,
    line: 1,
    column: 1,
    ...changes,
  };
}

/** Each record sets the number of divergent copies to its operand `a`; everything else follows from it. */
export class ScriptedOracle implements LiveCounters, RecordFold {
  value = 0;
  folded: number[] = [];
  /** Calls of `fold`. */
  calls = 0;
  #changes = 0;
  #peak = { copies: 0, micros: 0 };

  /** Every instant after which the value is another has a rare change. */
  fold(words: Int32Array, from: number, to: number, stopsAtRare: boolean): number {
    this.calls++;
    let at = from;
    while (at < to) {
      const before = this.value;
      const micros = microsOf(words, at);
      for (const end = endOfInstant(words, at, to); at < end; at += RECORD_STRIDE) {
        this.value = words[at + 3];
        this.folded.push(words[at + 3]);
        this.#changes++;
      }
      if (this.value > this.#peak.copies) this.#peak = { copies: this.value, micros };
      if (stopsAtRare && this.value !== before) break;
    }
    return at;
  }

  peak(): { copies: number; micros: number } {
    return this.#peak;
  }

  advanceTo(): void {}
  changes(): number {
    return this.#changes;
  }
  divergentRows(): number {
    return Math.min(this.value, 1);
  }
  divergentCopies({ cause, state, node }: CopyFilter): number {
    const matches = (cause === ANY || cause === 2) && (state === ANY || state === 3) && (node === ANY || node === 2);
    return matches ? this.value : 0;
  }
  entropyUnits(): number {
    return this.value * (1 << 20);
  }
  visibleDivergentCopies(): number {
    return this.value;
  }
  wrongCopies(): number {
    return 0;
  }
  lostAcknowledged(): number {
    return NaN;
  }
  bornCopies(): number {
    return this.value;
  }
  healedCopies(): number {
    return 0;
  }
  hintsPending(): number {
    return 0;
  }
  wrongRows(): number {
    return 0;
  }
  nowMicros(): number {
    return 0;
  }
  resurrectionDeadline(): number {
    return Infinity;
  }
  zombiesSpread(): number {
    return 0;
  }
  divergentRowMicros(): number {
    return 0;
  }
  divergentCopyMicros(): number {
    return 0;
  }
  wrongRowMicros(): number {
    return 0;
  }
  wrongCopyMicros(): number {
    return 0;
  }
}

/** Records as the trace writes them. */
export function block(
  records: readonly { at: number; kind?: number; node?: number; copy?: number; a?: number; b?: number; c?: number }[],
): Int32Array {
  const words = new Int32Array(records.length * RECORD_STRIDE);
  records.forEach(({ at, kind = 3, node = 0, copy = 0, a = 0, b = 0, c = 0 }, index) => {
    words.set(
      [Math.floor(at / 2 ** 20), (at % 2 ** 20) | (kind << 20), node | (copy << 16), a, b, c],
      index * RECORD_STRIDE,
    );
  });
  return words;
}
