/**
 * The writes that one node keeps on its disk for one shard of another node: a list of segment files, appended at the tail
 * and sent from the head, block by block (influxdb.3.2). A block is one part of a request. Only the container; when
 * blocks move is `handoff.ts`.
 */

export interface Block {
  /** Versions [from, to). */
  from: number;
  to: number;
  bytes: number;
  /** Why it was not delivered at once: cause | origin << 8. */
  fate: number;
  /** When its append is on disk. */
  durableMicros: number;
}

export interface Segment {
  blocks: Block[];
  /** Of the file, sent blocks included. */
  bytes: number;
  /** Blocks of it that have been sent. */
  sent: number;
  /** When it was last written: appended to, or its place of reading moved. */
  modifiedMicros: number;
}

/** Length before a block, and the place of reading at the end of the file. */
const BLOCK_OVERHEAD_BYTES = 8;

export class SegmentQueue {
  segments: Segment[] = [];

  get isEmpty(): boolean {
    return this.segments.every(({ blocks, sent }) => sent === blocks.length);
  }

  /** What its files take on disk: a segment counts until its last block is sent and another one exists. */
  get diskBytes(): number {
    return this.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Of the blocks that wait. */
  get pendingBytes(): number {
    let sum = 0;
    for (const { blocks, sent } of this.segments)
      for (let at = sent; at < blocks.length; at += 1) sum += blocks[at].bytes;
    return sum;
  }

  /** Writes that wait. */
  get pending(): number {
    let sum = 0;
    for (const { blocks, sent } of this.segments)
      for (let at = sent; at < blocks.length; at += 1) sum += blocks[at].to - blocks[at].from;
    return sum;
  }

  /** The oldest blocks that wait, at most so many. */
  waiting(most = Infinity): Block[] {
    const taken: Block[] = [];
    for (const { blocks, sent } of this.segments) {
      for (let at = sent; at < blocks.length; at += 1) {
        if (taken.length >= most) return taken;
        taken.push(blocks[at]);
      }
    }
    return taken;
  }

  /** The oldest blocks that wait, for as long as they are taken. */
  takeWhile(takes: (block: Block) => boolean): Block[] {
    const taken: Block[] = [];
    for (const { blocks, sent } of this.segments) {
      for (let at = sent; at < blocks.length; at += 1) {
        if (!takes(blocks[at])) return taken;
        taken.push(blocks[at]);
      }
    }
    return taken;
  }

  /** The newest block that waits. */
  get tail(): Block | undefined {
    return this.isEmpty ? undefined : this.segments.at(-1)?.blocks.at(-1);
  }

  /** Appends that are not on disk yet. */
  appending(micros: number): number {
    let count = 0;
    for (let at = this.segments.length - 1; at >= 0; at -= 1) {
      const { blocks } = this.segments[at];
      for (let index = blocks.length - 1; index >= 0; index -= 1) {
        if (blocks[index].durableMicros <= micros) return count;
        count += 1;
      }
    }
    return count;
  }

  /** When the last append is on disk; 0 where there is none. */
  get durableMicros(): number {
    return this.segments.at(-1)?.blocks.at(-1)?.durableMicros ?? 0;
  }

  append(block: Block, micros: number, segmentBytesMax: number): void {
    let tail = this.segments.at(-1);
    // A segment takes a block of any size when it is empty.
    if (tail === undefined || (tail.bytes > 0 && tail.bytes + block.bytes > segmentBytesMax)) {
      tail = { blocks: [], bytes: 0, sent: 0, modifiedMicros: micros };
      this.segments.push(tail);
    }
    tail.blocks.push(block);
    tail.bytes += block.bytes + BLOCK_OVERHEAD_BYTES;
    tail.modifiedMicros = micros;
    this.#dropSent();
  }

  /** The oldest blocks that wait, as many as fit into so many bytes, at least one. */
  head(bytesMax: number): Block[] {
    const taken: Block[] = [];
    let bytes = 0;
    for (const { blocks, sent } of this.segments) {
      for (let at = sent; at < blocks.length; at += 1) {
        if (taken.length > 0 && bytes + blocks[at].bytes > bytesMax) return taken;
        taken.push(blocks[at]);
        bytes += blocks[at].bytes;
      }
    }
    return taken;
  }

  /** The first so many blocks that wait have been sent. */
  advance(count: number, micros: number): void {
    let left = count;
    for (const segment of this.segments) {
      const step = Math.min(left, segment.blocks.length - segment.sent);
      if (step === 0) continue;
      segment.sent += step;
      segment.modifiedMicros = micros;
      left -= step;
      if (left === 0) break;
    }
    this.#dropSent();
  }

  /** Takes away the oldest segments that were last written before then, up to the first younger one; gives what waited in them. */
  purgeBefore(micros: number): Block[] {
    const gone: Block[] = [];
    while (this.segments.length > 0 && this.segments[0].modifiedMicros < micros) {
      const { blocks, sent } = this.segments[0];
      gone.push(...blocks.slice(sent));
      this.segments.shift();
    }
    return gone;
  }

  /**
   * Every segment is torn at its first block that is not `whole`; where all blocks are, the last segment in its last one. Only
   * the blocks from there on are gone, or (`all`) whatever waits in that segment; gives what waited.
   */
  tear(whole: (block: Block) => boolean, all: boolean): Block[] {
    const tail = this.segments.every(({ blocks }) => blocks.every(whole)) ? this.segments.at(-1) : undefined;
    const gone: Block[] = [];
    for (const segment of this.segments) {
      const bad = segment === tail ? segment.blocks.length - 1 : segment.blocks.findIndex((block) => !whole(block));
      if (bad < 0) continue;
      const torn = segment.blocks.splice(Math.max(segment.sent, all ? 0 : bad));
      segment.bytes -= torn.reduce((sum, { bytes }) => sum + bytes + BLOCK_OVERHEAD_BYTES, 0);
      for (const block of torn) gone.push(block);
    }
    this.segments = this.segments.filter(({ blocks }) => blocks.length > 0);
    return gone;
  }

  /** All of it, with its files; gives what waited. */
  clear(): Block[] {
    const gone = this.waiting();
    this.segments = [];
    return gone;
  }

  save(): Segment[] {
    return this.segments.map((segment) => ({ ...segment, blocks: segment.blocks.map((block) => ({ ...block })) }));
  }

  load(segments: readonly Segment[]): void {
    this.segments = segments.map((segment) => ({ ...segment, blocks: segment.blocks.map((block) => ({ ...block })) }));
  }

  /** A file goes when all of it is sent, but for the last one, which is appended to. */
  #dropSent(): void {
    while (this.segments.length > 1 && this.segments[0].sent === this.segments[0].blocks.length) this.segments.shift();
  }
}
