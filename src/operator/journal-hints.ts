/**
 * Log lines of hinted handoff (cassandra.e19): the end of the delivery of each file, whole or in part; in 2.x its beginning
 * and the number of rows. Also when the files were opened, which their names say.
 */
import { RECORD } from '../data/records.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import type { HintFile } from '../replica/hint-store.ts';
import type { World } from '../run/world.ts';
import type { JournalOptions, LogLine, RareRecord } from './journal-types.ts';

export class HintJournal {
  readonly #o: JournalOptions;
  readonly #log: (line: LogLine) => void;
  /** Virtual time at which a file was opened. */
  readonly #opened = new WeakMap<HintFile, number>();
  /** File that is being delivered, and rows delivered of it, by coordinator and target. */
  readonly #delivering = new Map<string, HintFile>();
  readonly #rows = new Map<string, number>();
  /** Stores that a flush is about to write to, and when. */
  #flushed: { node: number; target: number; micros: number }[] = [];

  constructor(options: JournalOptions, log: (line: LogLine) => void) {
    this.#o = options;
    this.#log = log;
  }

  take(world: World, { micros, kind, node, a, b }: RareRecord): void {
    this.#noteOpened(world);
    const key = `${node}>${b}`;
    if (kind === RECORD.hintsFlushed) this.#flushed.push({ node, target: b, micros });
    else if (kind === RECORD.hintDispatchStarted) {
      this.#begin(world, key, node, b);
      this.#rows.set(key, 0);
      if (!isAtLeast(this.#o.line, '3.0')) this.#say(micros, node, this.#startedText(b));
    } else if (kind === RECORD.hintsDelivered) this.#rows.set(key, (this.#rows.get(key) ?? 0) + a);
    else if (kind === RECORD.hintDispatchFinished) {
      this.#say(micros, node, this.#finishedText(key, b));
      this.#begin(world, key, node, b);
    } else if (kind === RECORD.hintPageAborted) this.#say(micros, node, this.#abortedText(key, b));
  }

  #noteOpened(world: World): void {
    if (this.#flushed.length === 0) return;
    for (const { node, target, micros } of this.#flushed)
      for (const [other, store] of world.hints.storesOf(node))
        if (other === target)
          for (const file of store.files) if (!this.#opened.has(file)) this.#opened.set(file, micros);
    this.#flushed = [];
  }

  #begin(world: World, key: string, node: number, target: number): void {
    const store = new Map(world.hints.storesOf(node)).get(target);
    const file = store?.files[0];
    if (file?.closed === true) this.#delivering.set(key, file);
    else this.#delivering.delete(key);
  }

  #startedText(target: number): string {
    const { names } = this.#o;
    return `Started hinted handoff for host: ${names.hostId(target)} with IP: ${names.endpoint(target)}`;
  }

  #finishedText(key: string, target: number): string {
    const { names, line } = this.#o;
    if (!isAtLeast(line, '3.0'))
      return `Finished hinted handoff of ${this.#rows.get(key) ?? 0} rows to endpoint ${names.endpoint(target)}`;
    const file = this.#delivering.get(key);
    const name = file === undefined ? '?' : names.hintsFile(target, this.openedMicros(file));
    return `Finished hinted handoff of file ${name} to endpoint ${names.endpoint(target)}: ${names.hostId(target)}`;
  }

  #abortedText(key: string, target: number): string {
    const { names, line } = this.#o;
    if (isAtLeast(line, '3.0')) return `${this.#finishedText(key, target)}, partially`;
    return `Timed out replaying hints to ${names.endpoint(target)}; aborting (${this.#rows.get(key) ?? 0} delivered)`;
  }

  /** A file that no flush of its own was seen for is as old as its first hint. */
  openedMicros(file: HintFile): number {
    return this.#opened.get(file) ?? file.oldestMicros;
  }

  #say(micros: number, node: number, text: string): void {
    const file = isAtLeast(this.#o.line, '3.0') ? 'HintsDispatchExecutor.java' : 'HintedHandOffManager.java';
    this.#log({ micros, node, level: 'INFO', file, text });
  }
}
