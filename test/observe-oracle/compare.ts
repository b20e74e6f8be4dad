/**
 * Holds the oracle against the naive model: every counter, every version, every status. Throws at the first difference.
 */
import { CAUSES, VIA, WRONGS } from '../../src/data/causes.ts';
import { ANY, ANY_COPY } from '../../src/observe/counters.ts';
import type { Oracle } from '../../src/observe/oracle.ts';
import type { CopyVerdict, NaiveOracle } from './naive.ts';
import { tableOfSlot } from './small-world.ts';

export function compare(oracle: Oracle, naive: NaiveOracle): void {
  compareSlots(oracle, naive);
  compareDivergence(oracle, naive);
  compareWrongs(oracle, naive);
  compareLedger(oracle, naive);
  const [divergentRows, divergentCopies, wrongRows, wrongCopies] = naive.areas;
  same('row-micros divergent', oracle.divergentRowMicros(), divergentRows);
  same('copy-micros divergent', oracle.divergentCopyMicros(), divergentCopies);
  same('row-micros wrong', oracle.wrongRowMicros(), wrongRows);
  same('copy-micros wrong', oracle.wrongCopyMicros(), wrongCopies);
}

function compareSlots(oracle: Oracle, naive: NaiveOracle): void {
  const { tables } = naive.world;
  for (let slot = 0; slot < tables.length * tables[0].slotCount; slot += 1) {
    same(`expected version of slot ${slot}`, oracle.expectedVersion(slot), naive.expected(slot));
    same(`promised version of slot ${slot}`, oracle.promisedVersion(slot), naive.promised(slot));
    for (let copy = 0; copy < tableOfSlot(naive.world, slot).copies; copy += 1) {
      same(`version held by copy ${copy} of slot ${slot}`, oracle.heldVersion(slot, copy), naive.held(slot, copy));
    }
  }
}

function compareDivergence(oracle: Oracle, naive: NaiveOracle): void {
  const copies = naive.verdicts.flatMap((row) => row.copies);
  const divergent = copies.filter((copy) => copy.divergent);
  const [divergentRows, divergentCopies] = naive.counts();
  same('divergent rows', oracle.divergentRows(), divergentRows);
  same('divergent copies', oracle.divergentCopies(ANY_COPY), divergentCopies);
  same(
    'entropy',
    oracle.entropyUnits(ANY_COPY),
    sum(divergent, (copy) => copy.units),
  );
  same('visible', oracle.visibleDivergentCopies(), copies.filter((copy) => copy.visible).length);
  // Other combinations are sums of these; `Oracle.check` holds them together.
  for (const copy of divergent) compareFilter(oracle, divergent, copy, ['cause', 'state', 'origin', 'node', 'table']);
  if (divergent.length === 0) return;
  for (const axis of ['cause', 'state', 'origin', 'node'] as const)
    compareFilter(oracle, divergent, divergent[0], [axis]);
}

type Axis = 'cause' | 'state' | 'origin' | 'node' | 'table';

/** Counts of the copies that are like this one along these axes. */
function compareFilter(oracle: Oracle, divergent: CopyVerdict[], like: CopyVerdict, axes: Axis[]): void {
  const filter = { ...ANY_COPY };
  for (const axis of axes) filter[axis] = like[axis];
  const alike = divergent.filter((copy) => axes.every((axis) => copy[axis] === like[axis]));
  const name = axes.map((axis) => `${axis} ${like[axis]}`).join(', ');
  same(`copies with ${name}`, oracle.divergentCopies(filter), alike.length);
  same(
    `entropy with ${name}`,
    oracle.entropyUnits(filter),
    sum(alike, (copy) => copy.units),
  );
}

function compareWrongs(oracle: Oracle, naive: NaiveOracle): void {
  const copies = naive.verdicts.flatMap((row) => row.copies);
  same('rows lost', oracle.lostAcknowledged(), naive.verdicts.filter((row) => row.lost).length);
  same('wrong rows', oracle.wrongRows(), naive.counts()[2]);
  for (let wrong = 1; wrong < WRONGS.length; wrong += 1) {
    const wrongs = copies.filter((copy) => copy.wrong === wrong);
    same(`${WRONGS[wrong]} copies`, oracle.wrongCopies(wrong, ANY), wrongs.length);
    for (let node = 0; node < naive.world.options.nodes; node += 1) {
      const there = wrongs.filter((copy) => copy.node === node).length;
      same(`${WRONGS[wrong]} copies of node ${node}`, oracle.wrongCopies(wrong, node), there);
    }
  }
}

function compareLedger(oracle: Oracle, naive: NaiveOracle): void {
  for (let cause = 0; cause < CAUSES.length; cause += 1) {
    same(`born of ${CAUSES[cause]}`, oracle.bornCopies(cause), naive.born.get(cause) ?? 0);
  }
  for (const [key, count] of naive.healed) {
    const [cause, healer] = key.split('/');
    const via = healer.startsWith('repair') ? VIA.repair : Number(healer);
    const origin = via === VIA.repair ? Number(healer.slice('repair '.length)) : ANY;
    same(`healed of ${key}`, oracle.healedCopies(Number(cause), via, origin), count);
  }
  const all = [...naive.healed.values()].reduce((total, count) => total + count, 0);
  same('healed', oracle.healedCopies(ANY, ANY, ANY), all);
}

function sum<Item>(items: Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** Cheaper than an expectation: it is called millions of times. */
function same(name: string, oracle: number, naive: number): void {
  if (oracle !== naive) throw new Error(`${name}: the oracle says ${oracle}, the naive model ${naive}`);
}
