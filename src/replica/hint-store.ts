/**
 * The hints that one coordinator keeps for one target: a buffer in memory, files on its disk, and how far each file is
 * safe from a power loss (cassandra.e8-e11). Only the containers; when they move is `hints.ts`.
 */

export interface HintFile {
  /** Hints in order of writing; what the number says is the caller's. */
  entries: number[];
  /** When each was created, µs. */
  created: number[];
  /** Of rows of a table: when each was written, µs, by which its log says whether it survives. Empty in a file. */
  written: number[];
  /** Bytes written, and how many of them an fsync covers. */
  bytes: number;
  syncedCount: number;
  unsyncedBytes: number;
  /** µs at which its first hint was made. */
  oldestMicros: number;
  closed: boolean;
  /** Hints already delivered: a dispatch goes on from here. Known to the process only (cassandra.e14). */
  position: number;
}

export interface HintStoreState {
  buffer: number[];
  bufferCreated: number[];
  bufferBytes: number;
  bufferOldest: number;
  files: HintFile[];
  dispatching: boolean;
}

export interface FlushLimits {
  fileBytesMax: number;
  trickleBytes: number;
}

/** One hint, and when it was made. */
export interface StoredHint {
  entry: number;
  created: number;
}

export class HintStore {
  buffer: number[] = [];
  bufferCreated: number[] = [];
  bufferBytes = 0;
  bufferOldest = Infinity;
  /** Oldest first; only the last can be open. */
  files: HintFile[] = [];
  dispatching = false;

  /** A row of the table of hints: there at once, and always open to delivery. */
  addRow(hint: { entry: number; bytes: number; createdMicros: number; writtenMicros: number }): void {
    if (this.files.length === 0) this.files.push(emptyFile(hint.createdMicros, true));
    const [rows] = this.files;
    rows.entries.push(hint.entry);
    rows.created.push(hint.createdMicros);
    rows.written.push(hint.writtenMicros);
    rows.bytes += hint.bytes;
  }

  add(entry: number, bytes: number, micros: number): void {
    this.bufferOldest = Math.min(this.bufferOldest, micros);
    this.buffer.push(entry);
    this.bufferCreated.push(micros);
    this.bufferBytes += bytes;
  }

  /** What waits, oldest first. */
  all(): StoredHint[] {
    const hints: StoredHint[] = [];
    for (const file of this.files)
      for (let place = file.position; place < file.entries.length; place += 1)
        hints.push({ entry: file.entries[place], created: file.created[place] });
    this.buffer.forEach((entry, place) => hints.push({ entry, created: this.bufferCreated[place] }));
    return hints;
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

  /** Write the oldest `count` hints of the buffer to the open file, rolling at `fileBytesMax`; an fsync happens every
   * `trickleBytes` (cassandra.e9). */
  flush(bytesOf: (entry: number) => number, limits: FlushLimits, count = this.buffer.length): void {
    let bytes = 0;
    for (let place = 0; place < Math.min(count, this.buffer.length); place += 1) {
      const size = bytesOf(this.buffer[place]);
      this.#write(place, size, limits);
      bytes += size;
    }
    if (count < this.buffer.length) this.#shorten(count, bytes);
    else this.#emptyBuffer();
  }

  /** The oldest `count` hints of the buffer are not in it any more. */
  #shorten(count: number, bytes: number): void {
    this.buffer.splice(0, count);
    this.bufferCreated.splice(0, count);
    this.bufferBytes -= bytes;
    this.bufferOldest = this.bufferCreated.reduce((oldest, micros) => Math.min(oldest, micros), Infinity);
  }

  /** Closing syncs; the file can be delivered. */
  close(): void {
    const file = this.openFile;
    if (file === undefined) return;
    this.sync();
    file.closed = true;
  }

  /** What is in the open file is safe. */
  sync(): void {
    const file = this.openFile;
    if (file === undefined) return;
    file.syncedCount = file.entries.length;
    file.unsyncedBytes = 0;
  }

  /** What a crash takes: the buffer, and after a power loss what no fsync covered. Returns the hints. */
  lose(powerLoss: boolean): number[] {
    const lost = [...this.buffer];
    this.#emptyBuffer();
    for (const file of this.files) {
      if (powerLoss) {
        lost.push(...file.entries.splice(file.syncedCount));
        file.created.splice(file.syncedCount);
      }
      // The writer is gone with the process; what is there is a file to deliver.
      file.closed = true;
    }
    this.files = this.files.filter((file) => file.entries.length > 0);
    this.dispatching = false;
    return lost;
  }

  /** Of rows, what was written at or after `durableMicros` is gone. Returns those hints. */
  loseRows(durableMicros: number): number[] {
    const [rows] = this.files;
    this.dispatching = false;
    if (rows === undefined) return [];
    const kept = rows.written.findIndex((micros) => micros >= durableMicros);
    if (kept < 0) return [];
    const lost = rows.entries.splice(kept);
    rows.created.splice(kept);
    rows.written.splice(kept);
    if (rows.entries.length === 0) this.files = [];
    return lost;
  }

  /** The files, or all rows, are gone. Returns the hints that were not delivered. */
  loseFiles(): number[] {
    const lost = this.files.flatMap((file) => file.entries.slice(file.position));
    this.files = [];
    return lost;
  }

  /** Of rows, those that were sent are deleted. */
  dropSent(): void {
    const [rows] = this.files;
    if (rows === undefined) return;
    for (const list of [rows.entries, rows.created, rows.written]) list.splice(0, rows.position);
    rows.position = 0;
    if (rows.entries.length === 0) this.files = [];
  }

  /** Deletes the closed files, but the one that is under way to its target; returns the hints that nobody will send. */
  dropClosed(): number[] {
    const kept = this.files.filter((file, place) => !file.closed || (place === 0 && this.dispatching));
    const dropped = this.files.filter((file) => !kept.includes(file));
    this.files = kept;
    return dropped.flatMap((file) => file.entries.slice(file.position));
  }

  /** The process ended: how far its first file was delivered is forgotten (cassandra.e14). Returns how many hints come again. */
  forgetProgress(): number {
    let count = 0;
    for (const file of this.files) {
      count += file.position;
      file.position = 0;
    }
    return count;
  }

  save(): HintStoreState {
    return {
      buffer: [...this.buffer],
      bufferCreated: [...this.bufferCreated],
      bufferBytes: this.bufferBytes,
      bufferOldest: this.bufferOldest,
      files: this.files.map(copied),
      dispatching: this.dispatching,
    };
  }

  load(state: HintStoreState): void {
    this.buffer = [...state.buffer];
    this.bufferCreated = [...state.bufferCreated];
    this.bufferBytes = state.bufferBytes;
    this.bufferOldest = state.bufferOldest;
    this.files = state.files.map(copied);
    this.dispatching = state.dispatching;
  }

  #emptyBuffer(): void {
    this.buffer = [];
    this.bufferCreated = [];
    this.bufferBytes = 0;
    this.bufferOldest = Infinity;
  }

  /** The hint at this place of the buffer. */
  #write(place: number, bytes: number, limits: FlushLimits): void {
    let file = this.openFile;
    if (file !== undefined && file.bytes + bytes > limits.fileBytesMax) {
      this.close();
      file = undefined;
    }
    if (file === undefined) {
      file = emptyFile(this.bufferOldest, false);
      this.files.push(file);
    }
    file.entries.push(this.buffer[place]);
    file.created.push(this.bufferCreated[place]);
    file.bytes += bytes;
    file.unsyncedBytes += bytes;
    if (file.unsyncedBytes >= limits.trickleBytes) {
      file.syncedCount = file.entries.length;
      file.unsyncedBytes = 0;
    }
  }
}

function emptyFile(oldestMicros: number, closed: boolean): HintFile {
  return {
    entries: [],
    created: [],
    written: [],
    bytes: 0,
    syncedCount: 0,
    unsyncedBytes: 0,
    oldestMicros,
    closed,
    position: 0,
  };
}

function copied(file: HintFile): HintFile {
  return { ...file, entries: [...file.entries], created: [...file.created], written: [...file.written] };
}
