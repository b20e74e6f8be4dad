/** One timing of one variant of the write path, in a process of its own: `write-path-once.ts VARIANT WRITES`, JSON on stdout. */
import { timeWritePath, type WritePathVariant } from './write-path.ts';

const [variant, writes] = process.argv.slice(2);
process.stdout.write(JSON.stringify(timeWritePath(variant as WritePathVariant, Number(writes))));
