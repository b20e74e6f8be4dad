/**
 * `--twice`: the same plan run twice must leave the same records. How two runs are compared is in
 * src/studies/first-difference.ts; where they differ both are run again, to show the first record that does.
 */
import { Bug } from '../base/assert.ts';
import type { TraceObserver } from '../kernel/trace.ts';
import { BlockHashes, BlockRecords, differingRecord, firstDifference } from '../studies/first-difference.ts';
import type { DifferingRecord, RecordShown } from '../studies/first-difference.ts';

/** Runs once with an observer of the trace; returns the fingerprint. */
export type ObservedRun = (observer: TraceObserver) => string | Promise<string>;

/** Throws a Bug with the first differing record unless both runs leave the same fingerprint, which it returns. */
export async function proveRepeatable(
  first: { fingerprint: string; hashes: readonly number[] },
  again: ObservedRun,
): Promise<string> {
  const hashes = new BlockHashes();
  const fingerprint = await again(hashes);
  if (fingerprint === first.fingerprint) return fingerprint;
  const block = firstDifference(first.hashes, hashes.finished());
  const left = new BlockRecords(block);
  const right = new BlockRecords(block);
  await again(left);
  await again(right);
  throw new Bug(
    [
      `two runs of one plan differ: fingerprints ${first.fingerprint} and ${fingerprint}`,
      ...differenceLines(differingRecord(left.kept, right.kept, block), block),
    ].join('\n'),
  );
}

function differenceLines(difference: DifferingRecord | null, block: number): string[] {
  if (difference === null) {
    return [`they part in block ${block} of records, but two more runs agree there: it does not happen each time`];
  }
  const { record, left, right } = difference;
  return [`first difference at record ${record}`, `  once   ${recordText(left)}`, `  again  ${recordText(right)}`];
}

function recordText(record: RecordShown | null): string {
  if (record === null) return 'no record: it ended before';
  const { at_micros: at, name, node, copy, operands } = record;
  return `${at} µs  ${name}  node ${node} copy ${copy}  ${operands.join(' ')}`;
}
