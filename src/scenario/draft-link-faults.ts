/** Partitions, losses and slow links: which messages, which way. */
import { addUnknown, selectSide, selectTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { FaultInput, FaultOf } from './fault-input.ts';
import type { Path } from './places.ts';
import type { PlanEntry } from './plan.ts';
import type { Selector } from './schema/leaves.ts';

type LinkFault = FaultOf<'partition'> | FaultOf<'loss'> | FaultOf<'slow-link'>;

export function draftLinkFault(
  drafting: Drafting,
  { fault, path, id, at, forMicros }: FaultInput<LinkFault>,
): PlanEntry[] {
  const sides = linkSides(drafting, fault, path);
  if (sides === null) return [];
  const base = { id, at_micros: at, ...sides, for_micros: forMicros };
  if (fault.fault === 'slow-link') return slowLink(drafting, { fault, path, base });
  if (fault.fault === 'loss') return [{ ...base, kind: 'loseMessages', share: fault.share }];
  const both = sides.from.filter((node) => sides.to.includes(node));
  if (both.length === 0) return [{ ...base, kind: 'cutLink' }];
  drafting.list.add(path, {
    code: 'S119',
    message: `both sides of the partition hold ${both.join(', ')}`,
    expected: 'two sides without a node in common',
  });
  return [];
}

function slowLink(
  { list }: Drafting,
  { fault, path, base }: { fault: FaultOf<'slow-link'>; path: Path; base: SlowBase },
): PlanEntry[] {
  const { latency, rate } = fault;
  if (latency === undefined && rate === undefined)
    list.add(path, {
      code: 'S119',
      message: 'a slow link needs latency, rate or both',
      expected: 'latency: 20 (times as long), rate: 10MB/s',
    });
  else if (latency !== undefined && !(latency >= 1 && latency <= LATENCY_TIMES_MAX))
    list.add([...path, 'latency'], {
      code: 'S117',
      message: `latency ${latency} is no slow link: it says how many times as long a message takes`,
      expected: `1 to ${LATENCY_TIMES_MAX}`,
    });
  else if (rate === 0)
    list.add([...path, 'rate'], {
      code: 'S117',
      message: 'a link without any rate would never end a transfer',
      expected: 'a rate above 0, or fault: partition',
    });
  else return [{ ...base, kind: 'slowLink', latency_times: latency ?? 1, bytes_per_second: rate ?? null }];
  return [];
}

type SlowBase = Sides & { id: string; at_micros: number; for_micros: number | null };

/** A message of a tenth of a millisecond then takes a thousand seconds. */
const LATENCY_TIMES_MAX = 1e7;

interface Sides {
  from: string[];
  to: string[];
  two_way: boolean;
}

function linkSides(drafting: Drafting, fault: LinkFault, path: Path): Sides | null {
  const all = drafting.nodes.map(({ id }) => id);
  const targets = selectTargets(drafting, fault, path);
  if (targets !== null && fault.between !== undefined) {
    drafting.list.add([...path, 'between'], {
      code: 'S119',
      message: 'between and nodes exclude each other',
      expected: 'one of between, nodes',
      part: 'key',
    });
    return null;
  }
  if (fault.between === undefined) return oneSided(drafting, { fault, path, targets, all });
  const [left, right] = fault.between;
  const from = selectSide(drafting, left, [...path, 'between', 0]);
  const to = selectSide(drafting, right, [...path, 'between', 1]);
  const way = readWay(drafting, { way: fault.way, names: [sideName(left, 'first'), sideName(right, 'second')], path });
  if (from.length === 0 || to.length === 0 || way === null) return null;
  return way === 'back' ? { from: to, to: from, two_way: false } : { from, to, two_way: way === 'both' };
}

/** Without `between`: the named nodes against all others; a loss without names is everywhere. */
function oneSided(
  drafting: Drafting,
  { fault, path, targets, all }: { fault: LinkFault; path: Path; targets: string[] | null; all: string[] },
): Sides | null {
  if (targets === null && fault.fault === 'partition') {
    drafting.list.add(path, {
      code: 'S111',
      message: 'missing key "between" in a fault of type partition',
      expected: 'between: [dc1, dc2], or node: a node that is cut off',
    });
    return null;
  }
  const way = readWay(drafting, { way: fault.way, names: ['nodes', 'others'], path });
  const from = targets ?? all;
  const to = targets === null ? all : all.filter((id) => !targets.includes(id));
  if (from.length === 0 || way === null) return null;
  if (to.length === 0) {
    drafting.list.add(path, {
      code: 'S119',
      message: 'the nodes are the whole cluster: there is no other side',
      expected: 'some of the nodes',
    });
    return null;
  }
  return way === 'back' ? { from: to, to: from, two_way: false } : { from, to, two_way: way === 'both' };
}

function sideName(selector: Selector, fallback: string): string {
  return selector.kind === 'names' && selector.names.length === 1 ? selector.names[0] : fallback;
}

function readWay(
  { list }: Drafting,
  { way = 'both', names: [left, right], path }: { way: string | undefined; names: [string, string]; path: Path },
): 'both' | 'forth' | 'back' | null {
  if (way === 'both') return 'both';
  if (way === `${left}-to-${right}` || way === 'first-to-second') return 'forth';
  if (way === `${right}-to-${left}` || way === 'second-to-first') return 'back';
  addUnknown(list, [...path, 'way'], {
    code: 'S112',
    kind: 'way',
    name: way,
    names: ['both', `${left}-to-${right}`, `${right}-to-${left}`],
  });
  return null;
}
