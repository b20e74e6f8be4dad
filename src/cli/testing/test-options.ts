/** Reads the options of `test` and `accept` that say which runs, how many at once and until when. */
import { isUnitProblem, parseDuration } from '../../scenario/units.ts';
import { parseSeeds, SEEDS_EXPECTED, SEEDS_MAX } from '../../scenario/seeds.ts';
import { commandMistake } from '../command-mistake.ts';
import type { Terminal } from '../terminal.ts';
import { flag, textOption, wholeOption } from '../words.ts';
import type { Words } from '../words.ts';

const WORKERS_MAX = 256;
/** A run of a million writes takes about so much; more threads than fit would only swap. */
const WORKER_BYTES = 1e9;

/** `--seeds 1..20` or `1,7,storm`; null: each scenario's own. */
export function seedsOption(words: Words): readonly string[] | null {
  const text = textOption(words, 'seeds');
  if (text === null) return null;
  const read = text.split(',').map((part) => parseSeeds(part));
  const seeds = read.flatMap((part) => (isUnitProblem(part) ? [] : part));
  const problem = read.find(isUnitProblem);
  const once = new Set<string>();
  const twice = seeds.find((seed) => once.size === once.add(seed).size);
  const tooMany = seeds.length > SEEDS_MAX ? `more than ${SEEDS_MAX} seeds` : null;
  const message = problem?.message ?? tooMany ?? (twice === undefined ? null : `the seed ${twice} stands twice`);
  if (message === null) return seeds;
  throw commandMistake('C102', `--seeds ${text}: ${message}`, { expected: SEEDS_EXPECTED, found: text });
}

/** A part of all scenarios: every `of`-th, from number `part`. */
export interface Part {
  part: number;
  of: number;
}

export function partOption(words: Words): Part | null {
  const text = textOption(words, 'part');
  if (text === null) return null;
  const [, part, of] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (part >= 1 && part <= of) return { part, of };
  throw commandMistake('C102', `--part ${text}`, { expected: 'a part such as 2/5: the second of five', found: text });
}

/** Each file is in exactly one of the parts, and neighbours are in different ones: they often take equally long. */
export function filesOfPart<File>(files: readonly File[], part: Part | null): File[] {
  return files.filter((_file, index) => part === null || index % part.of === part.part - 1);
}

/** Milliseconds; null: not given. */
function wallTimeOption(words: Words, name: string): number | null {
  const text = textOption(words, name);
  if (text === null) return null;
  const micros = parseDuration(text);
  if (!isUnitProblem(micros) && micros > 0) return micros / 1000;
  throw commandMistake('C102', `--${name} ${text}`, { expected: 'a duration such as 10m', found: text });
}

/** Milliseconds from now; null: no end. */
export function maxTimeOption(words: Words): number | null {
  return wallTimeOption(words, 'max-time');
}

export interface Exploring {
  millis: number;
  /** The first seed; the others are the whole numbers after it. */
  from: number;
  keeps: boolean;
}

/** They say which runs there are, which is what exploring does. */
const NOT_WITH_EXPLORE = ['prove', 'seeds', 'against', 'watch', 'max-time', 'max-failures'];
const SEED_MOST = Number.MAX_SAFE_INTEGER - 1e9;

/** `--explore 20m --from 1000 --keep`; null: not asked. Without a first seed it is one that no exploration before has reached. */
export function exploreOption(words: Words, nowMillis: () => number = Date.now): Exploring | null {
  const millis = wallTimeOption(words, 'explore');
  const from = textOption(words, 'from');
  const keeps = flag(words, 'keep');
  if (millis === null) {
    if (!keeps && from === null) return null;
    throw commandMistake('C187', `--${keeps ? 'keep' : 'from'} without --explore`, { expected: '--explore 20m' });
  }
  const other = NOT_WITH_EXPLORE.find((name) => words[name] !== undefined && words[name] !== false);
  if (other !== undefined) {
    throw commandMistake('C187', `--explore and --${other}`, { expected: 'one of them', found: `--${other}` });
  }
  if (from !== null && !(/^\d{1,16}$/.test(from) && Number(from) <= SEED_MOST)) {
    throw commandMistake('C102', `--from ${from}`, { expected: `a whole number up to ${SEED_MOST}`, found: from });
  }
  return { millis, from: from === null ? nowMillis() : Number(from), keeps };
}

/** As many as there are processors and memory; 1 runs in this thread. */
export function workersOption(words: Words, { cores = 1, memoryBytes = Infinity }: Terminal): number {
  const asked = wholeOption(words, 'workers', 1, WORKERS_MAX);
  return asked ?? Math.max(1, Math.min(cores, Math.floor(memoryBytes / WORKER_BYTES)));
}
