/**
 * Repairs that operators carry out themselves, command by command (influxdb.7): each step waits for the one before, and the first
 * that fails is the last. What it costs is in the ledger of its entry.
 */
import { RECORD } from '../../data/records.ts';
import type { Rules } from '../../base/rules.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Trace } from '../../kernel/trace.ts';
import type { PlanShardStep } from '../../scenario/plan.ts';
import { EVENT } from '../../replica/event-kinds.ts';
import { LedgerBook, noteReverted, type LedgerState } from '../ledger.ts';
import type { TableLayout } from '../../data/layout.ts';
import type { CopyOutcome, ShardCopies } from './shard-copies.ts';

export interface ManualRepairsOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  tables: readonly TableLayout[];
  copies: ShardCopies;
  nodeOf: ReadonlyMap<string, number>;
  /** Another machine takes the place of the node; the node leaves for good. */
  replaceNode: (node: number, origin: number) => void;
  removeNode: (node: number, origin: number) => void;
  /** Takes the shard out of the queues of anti-entropy. */
  killRepair: (table: number) => void;
  /** Puts the shard into them; why not, null where it did. */
  repairShard: (origin: number, step: { id: string; command: string; node: number; table: number }) => string | null;
}

/** What an entry asks for. */
export interface ManualRepair {
  id: string;
  command: string;
  /** The first of these is asked. */
  nodes: readonly string[];
  steps: readonly PlanShardStep[];
}

export interface ManualRepairsState {
  /** By entry, the step that is under way. */
  running: [origin: number, step: number][];
  ledger: LedgerState;
}

/** From one command's end to the next. */
const TYPING_MICROS = 1_000_000;

export class ManualRepairs {
  readonly ledger: LedgerBook;
  readonly #o: ManualRepairsOptions;
  /** By origin: what entries of the plan ask for. */
  readonly #asked: ReadonlyMap<number, ManualRepair>;
  readonly #running = new Map<number, number>();

  constructor(options: ManualRepairsOptions, asked: ReadonlyMap<number, ManualRepair>) {
    this.#o = options;
    this.#asked = asked;
    this.ledger = new LedgerBook(options.tables);
    options.copies.onEnded = (outcome) => this.#copyEnded(outcome);
  }

  begin(origin: number, node: number): void {
    const { kernel, trace } = this.#o;
    const asked = this.#asked.get(origin);
    if (asked === undefined) return;
    trace.record(kernel.now, RECORD.repairStarted, node, 0, 0, origin, 0);
    const { id, command } = asked;
    this.ledger.begin(origin, { id, strategy: 'manual', command, atMicros: kernel.now });
    this.#running.set(origin, 0);
    this.step(origin, 0);
  }

  /** Handler: the next command is typed. */
  step(origin: number, index: number): void {
    if (this.#running.get(origin) !== index) return;
    const step = this.#asked.get(origin)?.steps[index];
    if (step === undefined) return this.#end(origin);
    this.ledger.of(origin).sessions += 1;
    if (step.do === 'copyShard') this.#copy(origin, step);
    else this.#next(origin, this.#carryOut(origin, step));
  }

  #copy(origin: number, { from, to, table }: Extract<PlanShardStep, { do: 'copyShard' }>): void {
    const failure = this.#o.copies.begin({ ...this.#places({ from, to, table }), origin });
    if (failure !== null) this.#next(origin, `copy-shard: ${failure}`);
  }

  /** Why it failed; null where it did not. */
  #carryOut(origin: number, step: Exclude<PlanShardStep, { do: 'copyShard' }>): string | null {
    const { copies, replaceNode, removeNode, killRepair, nodeOf, rules } = this.#o;
    const node = 'node' in step ? (nodeOf.get(step.node) ?? 0) : 0;
    switch (step.do) {
      case 'truncateShards':
        rules.mark('influxdb.7-truncate');
        // From when on which shard is written is in the plan: its groups end there.
        return null;
      case 'removeShard': {
        const failure = copies.remove(node, this.#tableOf(step.table), origin);
        return failure === null ? null : `remove-shard: ${failure}`;
      }
      case 'killCopyShard': {
        const failure = copies.kill(this.#places(step));
        return failure === null ? null : `kill-copy-shard: ${failure}`;
      }
      case 'updateData':
        replaceNode(node, origin);
        return null;
      case 'removeData':
        removeNode(node, origin);
        return null;
      case 'killRepair':
        killRepair(this.#tableOf(step.table));
        return null;
      case 'entropyRepair': {
        const { id = '', command = '', nodes = [] } = this.#asked.get(origin) ?? {};
        const asked = { node: nodeOf.get(nodes[0]) ?? 0, table: this.#tableOf(step.table) };
        const failure = this.#o.repairShard(origin, { id, command, ...asked });
        return failure === null ? null : `entropy repair: ${failure}`;
      }
      case 'entropyShow':
        // It looks on; what it shows then is a view of the operator's.
        return null;
    }
  }

  #copyEnded({ origin, failure, bytes, rows, changed, changedBytes, healed, reverted }: CopyOutcome): void {
    const ledger = this.ledger.of(origin);
    ledger.floor_bytes += changedBytes;
    ledger.sent_for_nothing_bytes += bytes - changedBytes;
    ledger.read_bytes += bytes;
    ledger.sent_bytes += bytes;
    ledger.sent_rows += rows;
    ledger.sstables_written += failure === null ? 1 : 0;
    ledger.healed_copies += healed;
    noteReverted(ledger, reverted);
    ledger.sent_for_nothing_rows += Math.max(0, rows - changed);
    this.#next(origin, failure === null ? null : `copy-shard: ${failure}`);
  }

  #next(origin: number, failure: string | null): void {
    const { kernel } = this.#o;
    const index = this.#running.get(origin);
    if (index === undefined) return;
    if (failure !== null) {
      this.ledger.of(origin).failures.push(failure);
      this.#end(origin);
      return;
    }
    const steps = this.#asked.get(origin)?.steps.length ?? 0;
    this.#running.set(origin, index + 1);
    if (index + 1 >= steps) this.#end(origin);
    else kernel.schedule(kernel.now + TYPING_MICROS, EVENT.manualStep, origin, index + 1);
  }

  #end(origin: number): void {
    const { kernel, trace } = this.#o;
    this.#running.delete(origin);
    this.ledger.end(origin, kernel.now);
    const hasFailed = this.ledger.of(origin).failures.length > 0;
    trace.record(kernel.now, hasFailed ? RECORD.repairFailed : RECORD.repairFinished, 0, 0, 0, origin, 0);
  }

  #places({ from, to, table }: { from: string; to: string; table: string }): {
    from: number;
    to: number;
    table: number;
  } {
    const { nodeOf } = this.#o;
    return { from: nodeOf.get(from) ?? 0, to: nodeOf.get(to) ?? 0, table: this.#tableOf(table) };
  }

  #tableOf(id: string): number {
    return this.#o.tables.findIndex((table) => table.id === id);
  }

  save(): ManualRepairsState {
    return { running: [...this.#running], ledger: this.ledger.save() };
  }

  load({ running, ledger }: ManualRepairsState): void {
    this.#running.clear();
    for (const [origin, step] of running) this.#running.set(origin, step);
    this.ledger.load(ledger);
  }
}
