/** Runs repairs on a `FakeHost`: a manager, its rounds, and one call from start to end. */
import type { RepairLedger } from '../../src/observe/result.ts';
import { REPAIR_EVENT } from '../../src/repair/event-kinds.ts';
import { RepairManager } from '../../src/repair/manager.ts';
import { REPAIR_STRATEGIES } from '../../src/repair/registry.ts';
import type { PlanRepairOptions } from '../../src/scenario/plan.ts';
import type { FakeHost } from './fake-host.ts';

export interface RepairBench {
  host: FakeHost;
  manager: RepairManager;
  /** Commands that have ended, with the index of their entry. */
  ended: { command: number; entry: number }[];
  nextEntry: number;
}

export interface RepairOptions {
  strategy: string;
  node: number;
  tables?: string[];
  primaryRange?: boolean;
  startToken?: bigint;
  endToken?: bigint;
  entry?: number;
  /** Anything else that a plan may say. */
  more?: Partial<PlanRepairOptions>;
}

export function startRepairs(host: FakeHost): RepairBench {
  const bench: RepairBench = { host, manager: new RepairManager(host, REPAIR_STRATEGIES), ended: [], nextEntry: 0 };
  host.kernel.define(REPAIR_EVENT.commandEnded, 'commandEnded', 3, (command, entry) =>
    bench.ended.push({ command, entry }),
  );
  return bench;
}

export function planOptions(options: RepairOptions): PlanRepairOptions {
  return {
    keyspace: 'ks',
    tables: options.tables ?? ['ks.t0'],
    strategy: options.strategy,
    primary_range: options.primaryRange ?? false,
    start_token: options.startToken === undefined ? null : String(options.startToken),
    end_token: options.endToken === undefined ? null : String(options.endToken),
    local_dc: false,
    data_centers: [],
    hosts: [],
    force: false,
    pull: false,
    optimise_streams: false,
    preview: 'none',
    ignore_unreplicated: false,
    further_keyspaces: [],
    ...options.more,
  };
}

/** Starts a repair; returns the index of its entry. */
export function begin(bench: RepairBench, options: RepairOptions): number {
  const entry = options.entry ?? bench.nextEntry;
  bench.nextEntry = Math.max(bench.nextEntry, entry + 1);
  bench.manager.start(entry, `repairs.r${entry}`, options.node, planOptions(options));
  return entry;
}

export function ledgerOf(bench: RepairBench, entry: number): RepairLedger {
  const ledger = bench.manager.ledger(entry);
  if (ledger === null) throw new Error(`entry ${entry} has not begun`);
  return ledger;
}

/** One repair from start to end; at most a day. */
export function repair(bench: RepairBench, options: RepairOptions): RepairLedger {
  const entry = begin(bench, options);
  bench.host.run(86_400e6);
  return ledgerOf(bench, entry);
}
