/**
 * `npm run bench`: what the engine costs, in processor time, against peers measured in the same rounds. Ratios are what to
 * quote: the figures beside them belong to this machine and this hour. `--quick` makes it short, `--only queue` and
 * `--only write-path` run one part. Nothing here fails a build: times on a shared machine are read by people.
 */
import { parseArgs } from 'node:util';
import { benchQueue } from './queue.ts';
import { print, verdictOf } from './report.ts';
import type { Section } from './report.ts';
import { benchWritePath } from './write-path-rounds.ts';

const PARTS = [
  { name: 'queue', sections: (rounds: number) => benchQueue(rounds) },
  { name: 'write-path', sections: (rounds: number) => benchWritePath(rounds) },
];

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
const rounds = values.quick ? 5 : 15;
const done: Section[] = [];
for (const { name, sections } of PARTS) {
  if (values.only !== undefined && values.only !== name) continue;
  for (const section of await sections(rounds)) {
    print(section);
    done.push(section);
  }
}
const verdicts = done.flatMap(({ targets }) => targets.map(verdictOf));
const count = (verdict: string): number => verdicts.filter((other) => other === verdict).length;
console.log(
  `\n${verdicts.length} targets: ${count('holds')} hold, ${count('near')} within 30 %, ${count('missed')} missed`,
);
