/** Disks, links and the latencies between nodes; what nothing is said about has a stated default. */
import { addUnknown, distinct } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import { nonsenseOf } from './distribution-sense.ts';
import type { Nonsense } from './distribution-sense.ts';
import type { Path } from './places.ts';
import type { Plan, PlanDevices, PlanDistribution, PlanLatencies } from './plan.ts';
import type { Scenario } from './schema/scenario.ts';

/** What stands for a machine that nothing is said about. */
const DEFAULT_DEVICES: PlanDevices = {
  disk_read_bytes_per_second: 400_000_000,
  disk_write_bytes_per_second: 300_000_000,
  fsync_micros: 2000,
  link_bytes_per_second: 125_000_000,
};

export function draftDevices({ scenario, list, assumptions }: Drafting): PlanDevices {
  const { disk = {}, link, processor } = scenario.cluster.devices ?? {};
  if (disk.read === undefined || disk.write === undefined || link === undefined) {
    assumptions.push(
      'devices not given in full: disks read 400 MB/s, write 300 MB/s and sync in 2 ms, links carry 1 Gbit/s',
    );
  }
  const devices = {
    disk_read_bytes_per_second: disk.read ?? DEFAULT_DEVICES.disk_read_bytes_per_second,
    disk_write_bytes_per_second: disk.write ?? DEFAULT_DEVICES.disk_write_bytes_per_second,
    fsync_micros: disk.fsync ?? DEFAULT_DEVICES.fsync_micros,
    link_bytes_per_second: link ?? DEFAULT_DEVICES.link_bytes_per_second,
    ...(processor === undefined ? {} : { processor_bytes_per_second: processor }),
  };
  const { fsync_micros: _fsync, ...rates } = devices;
  if (Object.values(rates).includes(0))
    list.add(['cluster', 'devices'], {
      code: 'S117',
      message: 'a device cannot have a rate of 0',
      expected: 'rates above 0',
    });
  return devices;
}

export function draftLinks(drafting: Drafting): Plan['links'] {
  const { scenario, rules } = drafting;
  const defaults = rules.defaultLatencies();
  const given = scenario.cluster.latencies ?? {};
  const dcs = distinct(drafting.nodes.map(({ dc }) => dc));
  const links: Plan['links'] = {
    local: mergeLatencies(defaults.local, given.local),
    rack: mergeLatencies(defaults.rack, given.rack),
    dc: mergeLatencies(defaults.dc, given.dc),
    wan: mergeLatencies(defaults.wan, given.wan),
    between: {},
  };
  for (const [name, latencies] of Object.entries(given))
    checkLatencies(drafting, latencies, ['cluster', 'latencies', name]);
  for (const [pair, { delay }] of Object.entries(scenario.cluster.between ?? {})) {
    checkLatencies(drafting, delay, ['cluster', 'between', pair, 'delay']);
    const ends = pairOfDcs(pair, dcs);
    if (ends !== null) links.between[ends] = { write: delay, ack: delay, read: delay, response: delay };
    else
      addUnknown(drafting.list, ['cluster', 'between', pair], {
        code: 'S133',
        kind: 'pair of data centres',
        name: pair,
        names: pairs(dcs),
      });
  }
  return links;
}

type GivenLatencies = NonNullable<NonNullable<Scenario['cluster']['latencies']>['wan']>;

function mergeLatencies(defaults: PlanLatencies, given: GivenLatencies | undefined): PlanLatencies {
  if (given === undefined) return defaults;
  if (isDistribution(given)) return { write: given, ack: given, read: given, response: given };
  return {
    write: given.write ?? defaults.write,
    ack: given.ack ?? defaults.ack,
    read: given.read ?? defaults.read,
    response: given.response ?? defaults.response,
  };
}

/** Whether something can be drawn from each of them. */
function checkLatencies({ list }: Drafting, given: GivenLatencies | undefined, path: Path): void {
  if (given === undefined) return;
  const parts = isDistribution(given) ? [{ path, distribution: given }] : legsOf(given, path);
  for (const { path: at, distribution } of parts) {
    const wrong = nonsenseOf(distribution);
    if (wrong !== null)
      list.add(placeOfNonsense(at, wrong), {
        code: wrong.code ?? 'S117',
        message: wrong.message,
        expected: wrong.expected,
      });
  }
}

/** A part of a mixture stands in the scenario where it stands in the plan. */
function placeOfNonsense(at: Path, { member: [list, ...rest] }: Nonsense): Path {
  return list === 'parts' ? [...at, 'mixture', ...rest.slice(0, 2)] : at;
}

function legsOf(
  given: Exclude<GivenLatencies, PlanDistribution>,
  path: Path,
): { path: Path; distribution: PlanDistribution }[] {
  return Object.entries(given).flatMap(([leg, distribution]) =>
    distribution === undefined ? [] : [{ path: [...path, leg], distribution }],
  );
}

function isDistribution(given: GivenLatencies): given is PlanDistribution {
  return 'kind' in given;
}

/** `dc2-dc1` → `dc1-dc2` (names ascending); names may hold dashes. Null where it is no pair. */
function pairOfDcs(pair: string, dcs: readonly string[]): string | null {
  return pairs(dcs).find((known) => known === pair || reversed(known, dcs) === pair) ?? null;
}

function reversed(pair: string, dcs: readonly string[]): string {
  const first = dcs.find((dc) => pair.startsWith(`${dc}-`) && dcs.includes(pair.slice(dc.length + 1)));
  return first === undefined ? pair : `${pair.slice(first.length + 1)}-${first}`;
}

function pairs(dcs: readonly string[]): string[] {
  const sorted = [...dcs].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return sorted.flatMap((left, index) => sorted.slice(index + 1).map((right) => `${left}-${right}`));
}
