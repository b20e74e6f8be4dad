/**
 * What is streamed for the ranges that differ: all entries of every live run of the sender that lie in them, each run's
 * section on its own, tombstones included and never purged (cassandra.b13), with the source's repairedAt (b14).
 */
import { normalizeIntervals } from '../data/build-layout.ts';
import type { OrdinalInterval } from '../data/build-layout.ts';
import { timestampOrder } from '../data/merge-order.ts';
import { mergedView } from '../data/merged-view.ts';
import type { Run } from '../data/run.ts';
import { sectionOfRun } from '../data/runs.ts';
import type { PayloadInput, PayloadMethod, PayloadSection } from './strategy.ts';

export const wholeRanges: PayloadMethod = {
  name: 'whole_differing_ranges',
  sends: 'differing_ranges',
  bothWays: true,
  select: selectSections,
};

function selectSections(input: PayloadInput): PayloadSection[] {
  const { layout, versions, sender, senderRuns, rules } = input;
  rules.mark('cassandra.b13');
  // cassandra.b13 off: as if the replicas knew which partitions of a range differ.
  const intervals = rules.isOff('cassandra.b13') ? differingPartitions(input) : input.intervals;
  const sections: PayloadSection[] = [];
  for (const run of senderRuns) {
    const section = sectionOfRun({ id: 0, layout, versions, node: sender }, run, intervals);
    if (section.slots.length > 0) sections.push({ ...section, repairedAt: run.repairedAt });
  }
  return sections;
}

/** Of the input's partitions those whose merged content differs between the two. */
function differingPartitions(input: PayloadInput): OrdinalInterval[] {
  const { layout } = input;
  const differing: OrdinalInterval[] = [];
  for (const interval of input.intervals) {
    const ours = contentOf(input, { node: input.sender, runs: input.senderRuns, interval });
    const theirs = contentOf(input, { node: input.receiver, runs: input.receiverRuns, interval });
    for (let ordinal = interval.from; ordinal < interval.to; ordinal += 1) {
      const start = (ordinal - interval.from) * layout.slotsPerPartition;
      if (!isEqual(ours, theirs, start, start + layout.slotsPerPartition))
        differing.push({ from: ordinal, to: ordinal + 1 });
    }
  }
  return normalizeIntervals(differing);
}

function contentOf(
  { layout, versions }: PayloadInput,
  options: { node: number; runs: readonly Run[]; interval: OrdinalInterval },
): Int32Array {
  const { node, runs, interval } = options;
  const order = timestampOrder(versions);
  return mergedView({ layout, order, runs, node, fromOrdinal: interval.from, toOrdinal: interval.to }).content;
}

function isEqual(left: Int32Array, right: Int32Array, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
