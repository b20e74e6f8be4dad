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

  ruleOf(workload: Workload): ConsistencyRule {
    return this.isPlain ? workload.consistency : this.#ruleIn(workload, this.epoch);
  }

  /** Acknowledgements that a write waits for whose replicas begin at `base`, of a coordinator in this data centre. */
  required(workload: Workload, base: number, dc: number): number {
    const rule = this.ruleOf(workload);
    const required = rule.required(dc);
    if (this.isPlain || rule.acceptsHint) return required;
    return required + this.#pending(workload, rule, { base, dc });
  }

  save(): PlacementsState {
    return { epoch: this.epoch };
  }

  load(state: PlacementsState): void {
    this.epoch = state.epoch;
  }

  #pending({ table }: Workload, rule: ConsistencyRule, { base, dc }: { base: number; dc: number }): number {
    let pending = 0;
    for (let place = base; place < base + table.copies; place += 1) {
      if (this.roleAt(table, place) !== ROLE.pending) continue;
      if (rule.counts(this.#cluster.dcOf[table.replicas[place]], dc)) pending += 1;
    }
    return pending;
  }
}
