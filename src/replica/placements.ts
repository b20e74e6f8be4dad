/**
 * Which epoch of placement holds now, and what follows from it for writes: who is sent a mutation, and how many
 * acknowledgements its level waits for. Joining and leaving nodes make pending replicas: they are sent every write, and the
 * level waits for one more acknowledgement for each (cassandra.g-pending). Who moves the epoch on: `run/topology.ts`.
 */
import type { TableLayout } from '../data/layout.ts';
import { ROLE } from '../data/epochs.ts';
import type { Cluster } from './cluster.ts';
import type { ConsistencyRule } from './consistency.ts';
import type { Workload } from './workload.ts';

export interface PlacementsState {
  epoch: number;
}

export class Placements {
  /** Number of the epoch that holds. */
  epoch = 0;
  /** Does the plan change its placement at all? */
  readonly isPlain: boolean;
  readonly #cluster: Cluster;
  /** What a workload's level asks in an epoch. */
  readonly #ruleIn: (workload: Workload, epoch: number) => ConsistencyRule;
  /** By workload, epoch and place of the replicas: made when first asked for. */
  readonly #rules = new Map<number, ConsistencyRule>();

  constructor(options: {
    cluster: Cluster;
    tables: readonly TableLayout[];
    ruleIn: (workload: Workload, epoch: number) => ConsistencyRule;
  }) {
    this.isPlain = options.tables.every(({ epochs }) => epochs === undefined);
    this.#cluster = options.cluster;
    this.#ruleIn = options.ruleIn;
  }

  /** Role of the copy at this place of the table's replicas. */
  roleAt({ epochs }: TableLayout, place: number): number {
    return epochs === undefined ? ROLE.natural : epochs.roles[this.epoch][place];
  }

  /** Is the copy sent writes? */
  takesWrites(table: TableLayout, place: number): boolean {
    return this.isPlain || this.roleAt(table, place) !== ROLE.none;
  }

  /** What the workload's level asks for a row whose replicas begin at `base`, as the epoch has it in which it is sent. */
  ruleFor(workload: Workload, base: number, epoch: number): ConsistencyRule {
    const { epochs, copies } = workload.table;
    if (epochs === undefined) return workload.consistency;
    const key = (workload.index * epochs.roles.length + epoch) * epochs.roles[0].length + base;
    let rule = this.#rules.get(key);
    if (rule === undefined) {
      const pending = pendingByDc(workload.table, {
        roles: epochs.roles[epoch],
        base,
        copies,
        dcOf: this.#cluster.dcOf,
      });
      rule = withPending(this.#ruleIn(workload, epoch), pending);
      this.#rules.set(key, rule);
    }
    return rule;
  }

  save(): PlacementsState {
    return { epoch: this.epoch };
  }

  load(state: PlacementsState): void {
    this.epoch = state.epoch;
  }
}

/** cassandra.g-pending: each pending replica that counts makes one more acknowledgement necessary; not at ANY. */
function withPending(rule: ConsistencyRule, pending: readonly number[]): ConsistencyRule {
  if (rule.acceptsHint || pending.every((count) => count === 0)) return rule;
  const counted = (dc: number): number =>
    pending.reduce((sum, count, of) => sum + (rule.counts(of, dc) ? count : 0), 0);
  return {
    ...rule,
    each: rule.each === null ? null : rule.each.map((needed, dc) => needed + (pending[dc] ?? 0)),
    required: (dc) => rule.required(dc) + counted(dc),
  };
}

function pendingByDc(
  table: TableLayout,
  { roles, base, copies, dcOf }: { roles: Uint8Array; base: number; copies: number; dcOf: Uint16Array },
): number[] {
  const pending: number[] = [];
  for (let place = base; place < base + copies; place += 1) {
    if (roles[place] !== ROLE.pending) continue;
    const dc = dcOf[table.replicas[place]];
    while (pending.length <= dc) pending.push(0);
    pending[dc] += 1;
  }
  return pending;
}

/** A level that asks what the epoch asks which holds at the time: for reads, whose replicas are chosen as they begin. */
export function followingRule(placements: Placements, ruleIn: (epoch: number) => ConsistencyRule): ConsistencyRule {
  const rules: ConsistencyRule[] = [];
  const now = (): ConsistencyRule => (rules[placements.epoch] ??= ruleIn(placements.epoch));
  return {
    level: now().level,
    acceptsHint: now().acceptsHint,
    get each() {
      return now().each;
    },
    required: (dc) => now().required(dc),
    attainable: (dc) => now().attainable(dc),
    isPlain: (dc) => now().isPlain(dc),
    counts: (copyDc, dc) => now().counts(copyDc, dc),
  };
}
