/**
 * What nodes write while a run goes on: lines of system.log and of the standard output of repair commands. An observer of the
 * trace that is told rare records at once (`kernel/prompt-trace.ts`), and looks then at what the world says beside them. It
 * changes nothing. The lines of repair, of hints and of anticompaction are made in files of their own; this one hands
 * records out, and keeps what compactionstats counts since the start of a process.
 */
import { RECORD } from '../data/records.ts';
import { copyOf, kindOf, nodeOf, operandA, operandB, operandC, timeOf, TRACE_STRIDE } from '../kernel/trace.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import type { World } from '../run/world.ts';
import { AntiCompactionJournal } from './journal-anticompaction.ts';
import { HintJournal } from './journal-hints.ts';
import { RepairJournal } from './journal-repair.ts';
import { FIRST_RARE_KIND } from './journal-types.ts';
import type { JournalOptions, LogLine, RareRecord } from './journal-types.ts';

/** Of one node, since its process started. */
export interface CompactionCounters {
  completed: number;
  bytes: number;
}

export class Journal implements TraceObserver {
  readonly lines: LogLine[] = [];
  readonly repairs: RepairJournal;
  readonly compactions: CompactionCounters[];
  /** By number of the compaction: when it began. */
  readonly compactionBegan = new Map<number, number>();
  /** By node: memtables flushed since the process started, by table. */
  readonly flushes: number[][];
  readonly #o: JournalOptions;
  readonly hints: HintJournal;
  readonly #antiCompactions: AntiCompactionJournal;
  /** Of all nodes, as the world counted when one was charged last. */
  #compactedBytes = 0;
  #world: World | null = null;

  constructor(options: JournalOptions) {
    this.#o = options;
    const log = (line: LogLine): void => {
      this.lines.push(line);
    };
    this.repairs = new RepairJournal(options, log);
    this.hints = new HintJournal(options, log);
    this.#antiCompactions = new AntiCompactionJournal(options, log, this.repairs);
    this.compactions = options.plan.nodes.map(() => ({ completed: 0, bytes: 0 }));
    this.flushes = options.plan.nodes.map(() => options.plan.tables.map(() => 0));
  }

  /** What has no record of its own is seen after the event that it happens in. */
  set world(world: World) {
    this.#world = world;
    world.repairs.onLooked = () => this.repairs.look(world, { micros: world.kernel.now, kind: 0 });
  }

  fold(words: Int32Array, count: number): void {
    const world = this.#world;
    if (world === null) return;
    for (let at = 0; at < count * TRACE_STRIDE; at += TRACE_STRIDE) {
      const kind = kindOf(words, at);
      if (kind < FIRST_RARE_KIND) continue;
      this.#take(world, {
        micros: timeOf(words, at),
        kind,
        node: nodeOf(words, at),
        copy: copyOf(words, at),
        a: operandA(words, at),
        b: operandB(words, at),
        c: operandC(words, at),
      });
    }
  }

  /** The moment has come: what is under way is told as far as it is. */
  finish(): void {
    if (this.#world === null) return;
    this.repairs.look(this.#world, { micros: this.#world.kernel.now, kind: 0 });
    this.repairs.finish(this.#world);
    const order = new Map(this.lines.map((line, index) => [line, index]));
    this.lines.sort((left, right) => left.micros - right.micros || (order.get(left) ?? 0) - (order.get(right) ?? 0));
  }

  #take(world: World, record: RareRecord): void {
    this.repairs.look(world, record);
    this.#count(world, record);
    this.#members(record);
    this.repairs.take(world, record);
    this.hints.take(world, record);
    this.#antiCompactions.take(world, record);
  }

  #count(world: World, { kind, node, a, b, micros }: RareRecord): void {
    if (kind === RECORD.compactionStarted) this.compactionBegan.set(a, micros);
    else if (kind === RECORD.compactionFinished) {
      const bytes = world.compaction.counts.compacted_bytes;
      this.compactions[node].completed += 1;
      this.compactions[node].bytes += bytes - this.#compactedBytes;
      this.#compactedBytes = bytes;
    } else if (kind === RECORD.flushStarted) this.flushes[node][b] += 1;
    else if (kind === RECORD.nodeStarted) {
      this.compactions[node] = { completed: 0, bytes: 0 };
      this.flushes[node].fill(0);
    }
  }

  /** cassandra.j7: of the gossip of a node. */
  #members({ kind, node, b, micros }: RareRecord): void {
    const { names } = this.#o;
    const say = (text: string): void => {
      this.lines.push({ micros, node, level: 'INFO', file: 'Gossiper.java', text });
    };
    if (kind === RECORD.markedDown) say(`InetAddress ${names.endpoint(b)} is now DOWN`);
    else if (kind === RECORD.markedUp) say(`InetAddress ${names.endpoint(b)} is now UP`);
    else if (kind === RECORD.nodeStopped) say('Announcing shutdown');
  }
}
