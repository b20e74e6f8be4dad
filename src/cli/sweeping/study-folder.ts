/**
 * The folder of a study: its manifest, a journal a part (each run that ended is one line, written whole and flushed before the
 * next begins), a file a run of series, the tables. Whatever ends the process leaves a folder that goes on where it was: a
 * last line that was not written whole is dropped, all else is renamed into its place when it is whole.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Series } from '../../observe/result.ts';
import { addressOf } from '../../studies/sweep/progress-of-study.ts';
import type { Address, RunRecord } from '../../studies/sweep/progress-of-study.ts';
import { isRecord } from '../../scenario/places.ts';
import type { Manifest, StudyResults } from '../../studies/sweep/study.ts';
import { commandMistake } from '../command-mistake.ts';
import { systemReason } from '../system-reason.ts';
import type { Part } from '../testing/test-options.ts';
import { checkFits, readManifest } from './manifest.ts';

export const MANIFEST = 'study.json';
const JOURNALS = 'journal';
const SERIES = 'series';

/** All of it, or throws. */
function writeBytes(descriptor: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(descriptor, bytes, at);
}

export class StudyFolder {
  readonly path: string;
  readonly #manifest: Manifest;
  readonly #seedIndex: ReadonlyMap<string, number>;
  /** Of the journal that this process writes. */
  #journal: { name: string; descriptor: number; bytes: number } | null = null;

  constructor(path: string, manifest: Manifest) {
    this.path = path;
    this.#manifest = manifest;
    this.#seedIndex = new Map(manifest.seeds.map((seed, index) => [seed, index]));
  }

  /** Makes the folder, or finds it; throws where it holds something else. What the study ended with, if it had. */
  open(): StudyResults | null {
    const path = join(this.path, MANIFEST);
    if (existsSync(path)) {
      const there = readManifest(path, readFileSync(path, 'utf8'));
      checkFits(there, this.#manifest, this.path);
      return there.results ?? null;
    }
    const isFolder = statSync(this.path, { throwIfNoEntry: false })?.isDirectory();
    const foreign = isFolder === true ? readdirSync(this.path).filter((name) => !/^[.]|[.]tmp$/.test(name)) : [];
    // Another part may be making it now.
    if (isFolder === false || foreign.some((name) => ![MANIFEST, JOURNALS, SERIES].includes(name)))
      throw commandMistake('C105', `${this.path} exists and is not a study of ours`, {
        expected: 'a folder that does not exist, is empty, or holds this study',
        notes: ['nothing was run; choose another with --out'],
      });
    this.#guarded(() => {
      for (const name of [JOURNALS, SERIES]) mkdirSync(join(this.path, name), { recursive: true });
    });
    // Keys in their order: entries of a scenario are numbered by it.
    this.#putManifest(this.#manifest);
    return null;
  }

  /** With what the study has ended. */
  seal(results: StudyResults): void {
    this.#putManifest({ ...this.#manifest, results });
  }

  #putManifest(manifest: Manifest): void {
    this.put(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
  }

  /** Runs that ended, of all parts; of two lines of one run the last that gave values. */
  records(): Map<string, RunRecord> {
    const records = new Map<string, RunRecord>();
    for (const name of journalNames(this.path)) {
      for (const record of readJournal(join(this.path, JOURNALS, name))) {
        const address = addressOf(record);
        if (records.get(address)?.outcome !== 'done') records.set(address, record);
      }
    }
    return records;
  }

  /** From now on this process, and no other, writes the journal of this part. */
  begin(part: Part | null): void {
    const name = part === null ? 'runs' : `part-${part.part}-of-${part.of}`;
    const path = join(this.path, JOURNALS, `${name}.jsonl`);
    takeLock(`${path}.lock`, this.path);
    this.#guarded(() => {
      const descriptor = openSync(path, 'a');
      const there = readFileSync(path);
      const bytes = wholeBytes(there);
      if (bytes < there.length) ftruncateSync(descriptor, bytes);
      this.#journal = { name, descriptor, bytes };
    });
  }

  /** Keeps a run: first its series, then the line that says that it is there. */
  keep(record: RunRecord, series: Series | null): void {
    const journal = this.#journal;
    if (journal === null) throw new Error('the journal is not open');
    if (series !== null) this.put(join(SERIES, this.#seriesName(record)), JSON.stringify(series));
    const line = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
    try {
      writeBytes(journal.descriptor, line);
      fsyncSync(journal.descriptor);
      journal.bytes += line.length;
    } catch (error) {
      // What stands of the line is dropped now or, where even that fails, by whoever goes on.
      attempt(() => ftruncateSync(journal.descriptor, journal.bytes));
      throw this.#cannotWrite(error);
    }
  }

  seriesOf(address: Address): Series {
    const path = join(this.path, SERIES, this.#seriesName(address));
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as Series;
    } catch (error) {
      const found = error instanceof SyntaxError ? 'it is not whole' : systemReason(error);
      throw commandMistake('C152', `${path} cannot be read`, { found, path });
    }
  }

  /** A file that is whole or as it was. */
  put(name: string, content: string | Uint8Array): void {
    const path = join(this.path, name);
    const temporary = `${path}.${process.pid}.tmp`;
    this.#guarded(() => {
      const descriptor = openSync(temporary, 'w');
      try {
        writeBytes(descriptor, typeof content === 'string' ? new TextEncoder().encode(content) : content);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(temporary, path);
    }, temporary);
  }

  /** Others may go on here. */
  end(): void {
    const journal = this.#journal;
    if (journal === null) return;
    this.#journal = null;
    attempt(() => closeSync(journal.descriptor));
    attempt(() => rmSync(join(this.path, JOURNALS, `${journal.name}.jsonl.lock`), { force: true }));
  }

  #seriesName({ cell, seed }: Address): string {
    return `${cell}-${this.#seedIndex.get(seed) ?? 0}.json`;
  }

  #guarded(act: () => void, temporary: string | null = null): void {
    try {
      act();
    } catch (error) {
      if (temporary !== null) attempt(() => rmSync(temporary, { force: true }));
      throw this.#cannotWrite(error);
    }
  }

  #cannotWrite(error: unknown): unknown {
    if (!(error instanceof Error) || !('code' in error)) return error;
    return commandMistake('C153', `cannot write into ${this.path}`, {
      found: systemReason(error),
      notes: ['all runs that ended before are safe: the same command goes on from there'],
    });
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // What cannot be undone is seen by whoever comes next.
  }
}

function journalNames(folder: string): string[] {
  const path = join(folder, JOURNALS);
  const names = existsSync(path) ? readdirSync(path) : [];
  return names.filter((name) => name.endsWith('.jsonl')).sort((left, right) => (left < right ? -1 : 1));
}

/** Up to the end of the last whole line. */
function wholeBytes(bytes: Uint8Array): number {
  return bytes.lastIndexOf(10) + 1;
}

function readJournal(path: string): RunRecord[] {
  const bytes = readFileSync(path);
  const lines = bytes.subarray(0, wholeBytes(bytes)).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const record = recordIn(line);
    if (record !== null) return record;
    throw commandMistake('C152', `${path} is damaged in line ${index + 1}`, {
      expected: 'a run that ended, as JSON',
      notes: ['take the line out: that run is done again'],
      path,
    });
  });
}

/** Null where the line is none. */
function recordIn(line: string): RunRecord | null {
  try {
    const found: unknown = JSON.parse(line);
    const isRun =
      isRecord(found) &&
      Number.isInteger(found['cell']) &&
      typeof found['seed'] === 'string' &&
      (found['outcome'] === 'done' || found['outcome'] === 'failed') &&
      Array.isArray(found['values']);
    return isRun ? (found as unknown as RunRecord) : null;
  } catch {
    return null;
  }
}

function takeLock(path: string, folder: string): void {
  const own = `${process.pid} ${hostname()}`;
  for (let tries = 0; tries < 2; tries++) {
    try {
      const descriptor = openSync(path, 'wx');
      writeSync(descriptor, own);
      return closeSync(descriptor);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
        throw commandMistake('C106', `cannot write ${path}`, { found: systemReason(error) });
      const [pid, host] = readFileSync(path, 'utf8').split(' ');
      if (pid !== '' && (host !== hostname() || isAlive(Number(pid))))
        throw commandMistake('C151', `process ${pid} on ${host} works on this part of ${folder}`, {
          expected: '--part 1/2 and --part 2/2 for two that share a study',
          notes: [`if it does not run any more, remove ${path}`],
        });
      rmSync(path, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
