/**
 * What clients are told of their reads, once each: the outcome, and what the row looks like, in the trace and to whoever
 * listens.
 */
import { OUTCOME } from '../../data/causes.ts';
import { copyIndexOf, ordinalOfSlot } from '../../data/build-layout.ts';
import { RECORD } from '../../data/records.ts';
import type { ReadMessages } from './read-messages.ts';
import type { ReadListener } from './read-types.ts';

const OUTCOME_BITS = 3;
/** What fits beside the outcome in a record. */
const LATENCY_MAX = 0x0fffffff;
const NO_CONTENT = new Int32Array(0);

export class ReadAnswers {
  /** By number of the reader; wired when the world is built. */
  readonly listeners: (ReadListener | null)[] = [];
  /** Told of every read that was answered or timed out. */
  onOver: ((entry: number, latencyMicros: number) => void) | null = null;
  readonly #messages: ReadMessages;

  constructor(messages: ReadMessages) {
    this.#messages = messages;
  }

  /** `at`: place of the content in `from`; null where there is none. */
  tell(entry: number, outcome: number, at: number | null, from: Int32Array = this.#messages.open.content): void {
    const { open } = this.#messages;
    if (open.told[entry] === 1) return;
    open.told[entry] = 1;
    const reader = this.#messages.readerOf(entry);
    const { layout } = this.#messages.options.tables[reader.table];
    const content = at === null ? NO_CONTENT : from.subarray(at, at + layout.slotsPerRow);
    if (outcome === OUTCOME.success || outcome === OUTCOME.timedOut)
      this.onOver?.(entry, this.#messages.options.kernel.now - open.startedAt[entry]);
    this.#recordAnswer(entry, outcome, content);
    this.listeners[reader.index]?.({
      reader,
      address: open.address[entry],
      slot: open.slot[entry],
      coordinator: open.coordinator[entry],
      outcome,
      startedAt: open.startedAt[entry],
      latencyMicros: this.#messages.options.kernel.now - open.startedAt[entry],
      content,
    });
  }

  /** c = the copies asked, a bit each, in natural order. */
  recordStart(entry: number, asked: number): void {
    const { kernel, trace, tables } = this.#messages.options;
    const { open } = this.#messages;
    const { layout } = tables[this.#messages.readerOf(entry).table];
    const slot = open.slot[entry];
    const ordinal = ordinalOfSlot(layout, slot);
    let copies = 0;
    for (let candidate = 0; candidate < asked; candidate += 1) {
      const copy = copyIndexOf(layout, ordinal, open.target[entry * open.copies + candidate]);
      if (copy >= 0) copies |= 1 << copy;
    }
    trace.record(
      kernel.now,
      RECORD.readStarted,
      open.coordinator[entry],
      open.reader[entry],
      open.id[entry],
      slot,
      copies,
    );
  }

  #recordAnswer(entry: number, outcome: number, content: Int32Array): void {
    const { kernel, trace } = this.#messages.options;
    const { open } = this.#messages;
    const node = open.coordinator[entry];
    const slot = open.slot[entry];
    const id = open.id[entry];
    for (let index = 0; index < content.length; index += 1)
      trace.record(kernel.now, RECORD.readShown, node, open.reader[entry], content[index], slot + index, id);
    const latency = kernel.now - open.startedAt[entry];
    const detail = outcome | (Math.min(latency, LATENCY_MAX) << OUTCOME_BITS);
    trace.record(kernel.now, RECORD.readAnswered, node, open.reader[entry], id, slot, detail);
  }
}
