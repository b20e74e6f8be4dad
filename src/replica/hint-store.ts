/**
 * The hints that one coordinator keeps for one target: a buffer in memory, files on its disk, and how far each file is
 * safe from a power loss (cassandra.e8-e11). Only the containers; when they move is `hints.ts`.
 */

export interface HintFile {
  /** Hints in order of writing; what the number says is the caller's. */
  entries: number[];
  /** Bytes written, and how many of them an fsync covers. */
  bytes: number;
  syncedCount: number;
  unsyncedBytes: number;
  /** µs at which its first hint was made. */
  oldestMicros: number;
  closed: boolean;
  /** Hints already delivered: a dispatch goes on from here. */
  position: number;
}

export interface HintStoreState {
  buffer: number[];
  bufferBytes: number;
  bufferOldest: number;
  files: HintFile[];
  dispatching: boolean;
}

export class HintStore {
  buffer: number[] = [];
  bufferBytes = 0;
  bufferOldest = Infinity;
  /** Oldest first; only the last can be open. */
  files: HintFile[] = [];
  dispatching = false;

  add(entry: number, bytes: number, micros: number): void {
    if (this.buffer.length === 0) this.bufferOldest = micros;
    this.buffer.push(entry);
    this.bufferBytes += bytes;
  }

  get pendingCount(): number {
    return this.files.reduce((sum, file) => sum + file.entries.length - file.position, this.buffer.length);
  }

  /** Bytes in files; the buffer does not count (cassandra.e4). */
  get diskBytes(): number {
    return this.files.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** When the oldest hint still stored was made; Infinity when there is none. */
  get oldestMicros(): number {
    return this.files.length > 0 ? this.files[0].oldestMicros : this.bufferOldest;
  }

  get openFile(): HintFile | undefined {
    const last = this.files[this.files.length - 1];
    return last === undefined || last.closed ? undefined : last;
  }

  hasClosedFile(): boolean {
    return this.files.length > 0 && this.files[0].closed;
  }

  isEmpty(): boolean {
    return this.buffer.length === 0 && this.files.length === 0;
  }

  /** Write the buffer to the open file, rolling at `fileBytesMax`; an fsync happens every `trickleBytes` (cassandra.e9). */
  flush(bytesOf: (entry: number) => number, limits: { fileBytesMax: number; trickleBytes: number }): void {
    for (const entry of this.buffer) this.#write(entry, bytesOf(entry), limits);
    this.buffer = [];
    this.bufferBytes = 0;
    this.bufferOldest = Infinity;
  }

  /** Closing syncs; the file can be delivered. */
  close(): void {
    const file = this.openFile;
    if (file === undefined) return;
    file.closed = true;
    file.syncedCount = file.entries.length;
    file.unsyncedBytes = 0;
  }

  /** What a crash takes: the buffer, and after a power loss what no fsync covered. Returns the hints. */
  lose(powerLoss: boolean): number[] {
    const lost = [...this.buffer];
    this.buffer = [];
    this.bufferBytes = 0;
    this.bufferOldest = Infinity;
    for (const file of this.files) {
      if (powerLoss) lost.push(...file.entries.splice(file.syncedCount));
      // The writer is gone with the process; what is there is a file to deliver.
      file.closed = true;
    }
    this.files = this.files.filter((file) => file.entries.length > file.position);
    this.dispatching = false;
    return lost;
  }

  save(): HintStoreState {
    return {
      buffer: [...this.buffer],
      bufferBytes: this.bufferBytes,
      bufferOldest: this.bufferOldest,
      files: this.files.map((file) => ({ ...file, entries: [...file.entries] })),
      dispatching: this.dispatching,
    };
  }

  load(state: HintStoreState): void {
    this.buffer = [...state.buffer];
    this.bufferBytes = state.bufferBytes;
    this.bufferOldest = state.bufferOldest;
    this.files = state.files.map((file) => ({ ...file, entries: [...file.entries] }));
    this.dispatching = state.dispatching;
  }

  #write(entry: number, bytes: number, limits: { fileBytesMax: number; trickleBytes: number }): void {
    let file = this.openFile;
    if (file !== undefined && file.bytes + bytes > limits.fileBytesMax) {
      this.close();
      file = undefined;
    }
    if (file === undefined) {
      file = {
        entries: [],
        bytes: 0,
        syncedCount: 0,
        unsyncedBytes: 0,
        oldestMicros: this.bufferOldest,
        closed: false,
        position: 0,
      };
      this.files.push(file);
    }
    file.entries.push(entry);
    file.bytes += bytes;
    file.unsyncedBytes += bytes;
    if (file.unsyncedBytes >= limits.trickleBytes) {
      file.syncedCount = file.entries.length;
      file.unsyncedBytes = 0;
    }
  }
}
