/**
 * The summary at the end of a preview (cassandra.j8): what it would have streamed, over both directions of every pair, by
 * table and by sender and receiver. Facts of `repair/consistent/SyncStatSummary`. The line of mismatching ranges is left out:
 * a sync keeps the partitions that differ, not the token ranges.
 */
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import type { Sync } from '../repair/state.ts';
import type { RepairPreview } from '../scenario/plan.ts';
import { memorySize } from './java-text.ts';
import type { JournalOptions } from './journal-types.ts';

interface Amount {
  ranges: number;
  files: number;
  bytes: number;
}

interface PreviewWords {
  preview: RepairPreview;
  syncs: readonly Sync[];
  options: JournalOptions;
}

export function previewText({ preview, syncs, options }: PreviewWords): string[] {
  const isRepaired = preview === 'repaired';
  const total = sum(syncs.map(amountOf));
  if (total.ranges === 0) return [isRepaired ? 'Repaired data is in sync' : 'Previewed data was in sync'];
  const text = (amount: Amount): string => amountText(amount, isAtLeast(options.line, '5.0'));
  const lines = [
    isRepaired ? 'Repaired data is inconsistent' : 'Preview complete',
    `Total estimated streaming: ${text(total)}`,
  ];
  options.plan.tables.forEach(({ id }, table) => {
    const own = syncs.filter((sync) => sync.table === table);
    if (own.length === 0) return;
    lines.push(`${id} - ${text(sum(own.map(amountOf)))}`, ...flows(own, options, text), '');
  });
  return [lines.join('\n')];
}

function flows(syncs: readonly Sync[], { names }: JournalOptions, text: (amount: Amount) => string): string[] {
  const byPair = new Map<string, Amount>();
  for (const sync of syncs) {
    sync.directions.forEach((direction, index) => {
      const [from, to] = index === 0 ? [sync.first, sync.second] : [sync.second, sync.first];
      const pair = `${names.endpoint(from)} -> ${names.endpoint(to)}`;
      byPair.set(pair, sum([byPair.get(pair) ?? NOTHING, ofDirection(direction)]));
    });
  }
  return [...byPair].map(([pair, amount]) => `    ${pair}: ${text(amount)}`);
}

const NOTHING: Amount = { ranges: 0, files: 0, bytes: 0 };

function amountOf({ directions }: Sync): Amount {
  return sum(directions.map(ofDirection));
}

function ofDirection({ rangeCount, files, bytes }: Sync['directions'][number]): Amount {
  return { ranges: rangeCount, files, bytes };
}

function sum(amounts: readonly Amount[]): Amount {
  const total = { ...NOTHING };
  for (const { ranges, files, bytes } of amounts) {
    total.ranges += ranges;
    total.files += files;
    total.bytes += bytes;
  }
  return total;
}

function amountText({ ranges, files, bytes }: Amount, plainBelowKib: boolean): string {
  return `${ranges} ranges, ${files} sstables, ${memorySize(bytes, plainBelowKib)} bytes`;
}
