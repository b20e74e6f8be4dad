/**
 * The replay of batches from the batchlog by a node that keeps them (cassandra.e-batchlog): every mutation to every
 * replica, as a write without a client. Who does not acknowledge within write_request_timeout, or is known to be down,
 * gets a hint as old as the batch. When a node looks for what is due, and what a batch is: `batches.ts`.
 */
import { VIA } from '../data/causes.ts';
import { RECORD } from '../data/records.ts';
import type { BatchOptions } from './batch-options.ts';
import { EVENT } from './event-kinds.ts';
import { DIRECTION } from './links.ts';

/** Attempt numbers of replays, for draws: above those of clients, below those of hints. */
const REPLAY_ATTEMPTS = 128;
const ATTEMPT_MICROS = 10_000_000;
const COPIES_UNIT = 64;

/** What a replay needs to know of a batch. */
export interface Replayed {
  id: number;
  first: number;
  size: number;
}

interface Replay {
  id: number;
  batch: number;
  first: number;
  node: number;
  incarnation: number;
  attempt: number;
  sentMicros: number;
  /** What is not acknowledged yet: place in the batch * COPIES_UNIT + copy. */
  open: number[];
}

export interface ReplaysState {
  replays: Replay[];
  nextId: number;
}

/** Who is told how a replay fares. */
export interface ReplaySink {
  /** The copy has the mutation, or a hint for it is stored. */
  reached(batch: number, version: number, copy: number): void;
  /** All of it is delivered or hinted: the node drops the batch. */
  replayed(batch: number, node: number): void;
}

export class BatchlogReplays {
  readonly #o: BatchOptions;
  readonly #sink: ReplaySink;
  #replays = new Map<number, Replay>();
  #nextId = 1;

  constructor(options: BatchOptions, sink: ReplaySink) {
    this.#o = options;
    this.#sink = sink;
  }

  begin({ id: batch, first, size }: Replayed, node: number): void {
    const { kernel, trace, cluster, writeTimeoutMicros } = this.#o;
    trace.record(kernel.now, RECORD.batchReplayed, node, 0, batch, 0, size);
    const attempt = REPLAY_ATTEMPTS + (Math.floor(kernel.now / ATTEMPT_MICROS) % REPLAY_ATTEMPTS);
    const replay: Replay = {
      id: this.#nextId,
      batch,
      first,
      node,
      incarnation: cluster.incarnation[node],
      attempt,
      sentMicros: kernel.now,
      open: [],
    };
    this.#nextId += 1;
    this.#replays.set(replay.id, replay);
    for (let place = 0; place < size; place += 1)
      for (let copy = 0; copy < this.#tableOf(first).copies; copy += 1)
        if (this.#takesWrites(first + place, copy)) this.#send(replay, place * COPIES_UNIT + copy);
    kernel.schedule(kernel.now + writeTimeoutMicros, EVENT.batchlogReplayEnds, replay.id, 0);
  }

  /** Handler: a mutation is there; it counts also where the node that sent it is gone. */
  arrives(id: number, code: number): void {
    const { kernel, cluster, writePath, writeTimeoutMicros } = this.#o;
    const replay = this.#replays.get(id);
    if (replay === undefined) return;
    const { version, copy, target } = this.#read(replay, code);
    if (cluster.running[target] === 0) return;
    if (cluster.paused[target] === 1) {
      const at = cluster.pausedUntil[target];
      if (at <= replay.sentMicros + writeTimeoutMicros) kernel.schedule(at, EVENT.batchlogArrives, id, code);
      return;
    }
    writePath.messages.apply(target, version, copy, VIA.batchlog);
    this.#sink.reached(replay.batch, version, copy);
    const { attempt, node } = replay;
    if (writePath.messages.lossFate(target, node, version, attempt, DIRECTION.ack) !== 0) return;
    const back = writePath.messages.wayMicros(
      { version, attempt, coordinator: node, target },
      DIRECTION.ack,
      kernel.now,
    );
    if (kernel.now + back > replay.sentMicros + writeTimeoutMicros) return;
    replay.open = replay.open.filter((other) => other !== code);
  }

  /** Handler: the time-out is over. A node that died keeps the batch, as far as its log does, and replays it again. */
  ends(id: number): void {
    const { kernel, cluster, hints, writePath } = this.#o;
    const replay = this.#replays.get(id);
    if (replay === undefined) return;
    const { node, incarnation, batch } = replay;
    const lives = cluster.running[node] === 1 && cluster.incarnation[node] === incarnation;
    if (lives && cluster.paused[node] === 1) {
      kernel.schedule(cluster.pausedUntil[node], EVENT.batchlogReplayEnds, id, 0);
      return;
    }
    this.#replays.delete(id);
    if (!lives) return;
    for (const code of replay.open) {
      const { target } = this.#read(replay, code);
      this.#hint(replay, code, writePath.messages.silentFate(target));
    }
    hints.syncAll(node);
    this.#sink.replayed(batch, node);
  }

  save(): ReplaysState {
    return {
      replays: [...this.#replays.values()].map((replay) => ({ ...replay, open: [...replay.open] })),
      nextId: this.#nextId,
    };
  }

  load(state: ReplaysState): void {
    this.#replays = new Map(state.replays.map((replay) => [replay.id, { ...replay, open: [...replay.open] }]));
    this.#nextId = state.nextId;
  }

  #send(replay: Replay, code: number): void {
    const { kernel, cluster, writePath, writeTimeoutMicros } = this.#o;
    const { node, attempt } = replay;
    const { version, copy, target } = this.#read(replay, code);
    if (target === node) {
      writePath.messages.apply(node, version, copy, VIA.batchlog);
      this.#sink.reached(replay.batch, version, copy);
      return;
    }
    if (cluster.seen[node * cluster.count + target] === 0) {
      this.#hint(replay, code, writePath.messages.downFate(node, target));
      return;
    }
    replay.open.push(code);
    if (writePath.messages.lossFate(node, target, version, attempt, DIRECTION.write) !== 0) return;
    const way = writePath.messages.wayMicros(
      { version, attempt, coordinator: node, target },
      DIRECTION.write,
      kernel.now,
    );
    if (way <= writeTimeoutMicros) kernel.schedule(kernel.now + way, EVENT.batchlogArrives, replay.id, code);
  }

  #hint(replay: Replay, code: number, fate: number): void {
    const { versions, hints } = this.#o;
    const { version, copy, target } = this.#read(replay, code);
    const createdMicros = versions.arrays.issuedAt[replay.first];
    hints.keep({ coordinator: replay.node, target, createdMicros }, version, copy, fate);
    this.#sink.reached(replay.batch, version, copy);
  }

  #read({ first }: Replay, code: number): { version: number; copy: number; target: number } {
    const version = first + Math.floor(code / COPIES_UNIT);
    const copy = code % COPIES_UNIT;
    return {
      version,
      copy,
      target: this.#tableOf(version).replicas[this.#o.versions.arrays.replicaBase[version] + copy],
    };
  }

  #takesWrites(version: number, copy: number): boolean {
    const { placements, versions } = this.#o;
    return placements.takesWrites(this.#tableOf(version), versions.arrays.replicaBase[version] + copy);
  }

  #tableOf(version: number): BatchOptions['tables'][number] {
    return this.#o.tables[this.#o.versions.arrays.table[version]];
  }
}
