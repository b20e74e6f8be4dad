/**
 * Prints, as JSON, the distinct partitions that the repair of C05 streams, for seeds 1 to N:
 * `many-seeds.ts N [VARIANT]`.
 */
import { readInput } from '../../src/cli/input.ts';
import { run } from '../../src/run/run.ts';
import { terminal } from './support.ts';

const FILE = 'scenarios/claims/c05-one-damaged-partition-of-a-million.yaml';

const [count = '1', variant] = process.argv.slice(2);
const streamed = Array.from({ length: Number(count) }, (_, index) => {
  const options = { seed: `seed ${index + 1}` };
  const { plan } = readInput(FILE, terminal, variant === undefined ? options : { ...options, variant });
  return run(plan).result.repairs['repairs.subrange'].distinct_partitions;
});
process.stdout.write(JSON.stringify(streamed));
