/**
 * The write path bare, batched and event by event, against the same messages on the plain queues (write-path.ts): each
 * timing in a process of its own, the variants in turn.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { figure } from './report.ts';
import type { Section, Target } from './report.ts';
import { median } from './rounds.ts';
import { WRITE_PATH_VARIANTS } from './write-path.ts';
import type { WritePathTiming, WritePathVariant } from './write-path.ts';

const FILE = fileURLToPath(new URL('./write-path-once.ts', import.meta.url));

/**
 * Absolute targets were set on a machine on which the typed heap takes so long for an event of PHOLD (1 000 pending,
 * exponential delays, median): figures are brought to its speed by what the heap takes here in the same rounds.
 */
const REFERENCE_PHOLD_NANOS = 265;

export function benchWritePath(rounds: number): Section[] {
  const writes = rounds >= 10 ? 3_000_000 : 500_000;
  const timings = new Map<WritePathVariant, WritePathTiming[]>(WRITE_PATH_VARIANTS.map((variant) => [variant, []]));
  for (let round = 0; round < Math.max(2, Math.floor(rounds / 3)); round++) {
    for (const [variant, own] of timings) own.push(timeOnce(variant, writes));
  }
  const of = (variant: WritePathVariant): WritePathTiming[] => timings.get(variant) ?? [];
  const [batched, events, wheel, typed] = [of('batched'), of('events'), of('wheel'), of('typed-heap')];
  const slowness = nanosPerWrite(of('phold')) / REFERENCE_PHOLD_NANOS;
  timings.delete('phold');
  const prints = new Set([...batched, ...events].map(({ fingerprint }) => fingerprint));
  const atLeast = (id: string, what: string, measured: number, bound: number): Target => {
    return { id, what, measured, bound, better: 'higher' };
  };
  return [
    {
      title: 'The write path bare, RF 3, QUORUM',
      lines: [
        `${'variant'.padEnd(14)}${'ns/write'.padStart(9)}${'M writes/s'.padStart(12)}${'batched is'.padStart(12)}`,
        ...[...timings].map(([variant, own]) => line(variant, own, batched)),
        `this machine takes ${figure(slowness)} times as long for PHOLD as the reference; targets are at its speed`,
      ],
      targets: [
        atLeast('', 'million writes a second and core, batched', millionsPerSecond(batched) * slowness, 3),
        atLeast('B1', 'million writes a second and core, messages alone', millionsPerSecond(wheel) * slowness, 1),
        atLeast('B1', 'times the typed heap, messages alone', nanosPerWrite(typed) / nanosPerWrite(wheel), 1.1),
        atLeast('', 'times the typed heap, batched with all', nanosPerWrite(typed) / nanosPerWrite(batched), 3),
        { id: '', what: 'fingerprints of the two', measured: prints.size, bound: 1, better: 'lower' },
      ],
    },
  ];
}

function timeOnce(variant: WritePathVariant, writes: number): WritePathTiming {
  const args = ['--import', 'tsx', FILE, variant, String(writes)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as WritePathTiming;
}

function nanosPerWrite(timings: readonly WritePathTiming[]): number {
  return median(timings.map(({ cpuNanosPerWrite }) => cpuNanosPerWrite));
}

function millionsPerSecond(timings: readonly WritePathTiming[]): number {
  return 1000 / nanosPerWrite(timings);
}

function line(variant: string, own: readonly WritePathTiming[], batched: readonly WritePathTiming[]): string {
  const ratio = median(own.map(({ cpuNanosPerWrite }, round) => cpuNanosPerWrite / batched[round].cpuNanosPerWrite));
  const times = own === batched ? '' : `${figure(ratio)} x`;
  const nanos = figure(nanosPerWrite(own)).padStart(9);
  return `${variant.padEnd(14)}${nanos}${figure(millionsPerSecond(own)).padStart(12)}${times.padStart(12)}`;
}
