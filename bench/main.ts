/**
 * `npm run bench`: PHOLD at 1 k, 100 k and 1 M pending events, and the write path, against the plain queues, in processor
 * time, interleaved in rounds, medians of ratios of the same round. Ratios are what to quote; the figures beside them
 * belong to this machine and this hour. `--quick` makes it short.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { measureInRounds, median, medianRatio, type Measured } from './rounds.ts';
import { WRITE_PATH_VARIANTS, type WritePathTiming } from './write-path.ts';

const quick = process.argv.includes('--quick');
const QUEUES = ['wheel', 'typed-heap', 'closure-heap'] as const;
const ROUNDS = quick ? 3 : 7;
const EVENTS = quick ? 200_000 : 1_000_000;

interface PholdCase {
  law: 'exponential' | 'bimodal';
  pending: number;
}

const CASES: readonly PholdCase[] = [
  { law: 'exponential', pending: 1000 },
  { law: 'exponential', pending: 100_000 },
  { law: 'exponential', pending: 1_000_000 },
  { law: 'bimodal', pending: 1000 },
  { law: 'bimodal', pending: 100_000 },
];

console.log('PHOLD, CPU ns an event (median); ratio: how many times as long the peer took');
console.log('law          pending  queue           ns   ratio  bytes an event  order');
const wheelNanos = new Map<string, number>();
for (const one of CASES) await phold(one);
const nanos = (law: string, pending: number): number => wheelNanos.get(`${law} ${pending}`) ?? NaN;
console.log(
  `K3  100 k against 1 k   ${(nanos('exponential', 100_000) / nanos('exponential', 1000)).toFixed(2)}   target at most 1.3`,
);
console.log(
  `K3  1 M against 1 k     ${(nanos('exponential', 1_000_000) / nanos('exponential', 1000)).toFixed(2)}   target at most 3.5`,
);
console.log(
  `K4  bimodal, 1 k        ${(nanos('bimodal', 1000) / nanos('exponential', 1000)).toFixed(2)}   target at most 1.5`,
);
console.log(
  `K4  bimodal, 100 k      ${(nanos('bimodal', 100_000) / nanos('exponential', 100_000)).toFixed(2)}   target at most 1.5`,
);
writePath();

async function phold({ law, pending }: PholdCase): Promise<void> {
  const warmUp = Math.max(pending, 200_000);
  const args = (queue: string): string[] => [queue, law, String(pending), String(warmUp), String(ROUNDS * EVENTS)];
  const measured = await measureInRounds(
    QUEUES.map((queue) => ({ name: queue, program: './phold.ts', args: args(queue) })),
    ROUNDS,
    EVENTS,
  );
  const wheel = measured[0];
  wheelNanos.set(`${law} ${pending}`, median(wheel.cpuNanosPerUnit));
  const sums = measured.map((one) => (one.done as { checksum: number }).checksum);
  for (const [index, one] of measured.entries()) {
    console.log(pholdLine(law, pending, one, wheel), sums[index] === sums[0] ? 'same' : `DIFFERS ${sums[index]}`);
  }
}

function pholdLine(law: string, pending: number, one: Measured, wheel: Measured): string {
  const bytes = (one.ready as { bytesTaken: number }).bytesTaken / pending;
  const cells = [
    law.padEnd(11),
    String(pending).padStart(8),
    one.name.padEnd(13),
    median(one.cpuNanosPerUnit).toFixed(0).padStart(5),
  ];
  return ` ${cells.join('  ')}  ${medianRatio(one, wheel).toFixed(2).padStart(6)}  ${bytes.toFixed(0).padStart(14)}`;
}

/** Each timing in a process of its own, the variants in turn. */
function writePath(): void {
  const writes = quick ? 500_000 : 3_000_000;
  const file = fileURLToPath(new URL('./write-path-once.ts', import.meta.url));
  const timings = WRITE_PATH_VARIANTS.map((): WritePathTiming[] => []);
  for (let round = 0; round < (quick ? 2 : 5); round += 1) {
    WRITE_PATH_VARIANTS.forEach((variant, index) => {
      const text = execFileSync(process.execPath, ['--import', 'tsx', file, variant, String(writes)], {
        encoding: 'utf8',
      });
      timings[index].push(JSON.parse(text) as WritePathTiming);
    });
  }
  console.log('\nThe write path bare, RF 3, QUORUM, CPU time; ratio: how many times as long the peer took as batched');
  console.log('variant        ns a write   M writes/s a core   ratio');
  WRITE_PATH_VARIANTS.forEach((variant, index) => {
    const nanosPerWrite = median(timings[index].map(({ cpuNanosPerWrite }) => cpuNanosPerWrite));
    const ratio = median(
      timings[index].map(({ cpuNanosPerWrite }, round) => cpuNanosPerWrite / timings[0][round].cpuNanosPerWrite),
    );
    console.log(
      `${variant.padEnd(13)} ${nanosPerWrite.toFixed(0).padStart(11)} ${(1000 / nanosPerWrite).toFixed(2).padStart(19)} ${ratio.toFixed(2).padStart(7)}`,
    );
  });
  const same = timings[0][0].fingerprint === timings[1][0].fingerprint;
  console.log(
    `batched and event by event: ${same ? 'same' : 'DIFFERENT'} fingerprint · target: 3 M writes/s a core batched, 1 M event by event`,
  );
}
