/**
 * What of a repair command depends on the cluster: hosts by name or address, and the refusals that follow from who holds
 * which range (cassandra.b18-b21). Judged by the same code as in a run, so that a command that would fail at once in it is
 * a mistake of the scenario, in the same words.
 */
import { nearestName } from '../../base/nearest.ts';
import { Rules } from '../../base/rules.ts';
import type { RangeHolders } from '../../data/layout.ts';
import { divideByNeighbours, localRangesOf } from '../../repair/neighbours.ts';
import type { RepairRequest } from '../../repair/strategy.ts';
import type { PlacelessMistake, RepairCommandContext } from '../../scenario/dialect-rules.ts';
import type { PlanRepairOptions } from '../../scenario/plan.ts';
import { behaviourOfDatabase } from './behaviours.ts';
import type { FlagId } from './repair-flags.ts';
import type { Given } from './repair-words.ts';
import { checkTokenRange } from './token-range.ts';

/** What stands behind a flag that takes a list, each name once. */
export function valuesOf(given: Given, flag: FlagId): string[] {
  const values = (given.flags.get(flag)?.values ?? []).flatMap((value) => value.split(','));
  return [...new Set(values.map((value) => value.trim()).filter((value) => value !== ''))];
}

/** The nodes of -hosts, by id. */
export function readHosts(given: Given, { nodes }: RepairCommandContext): string[] {
  const hosts = valuesOf(given, 'inHosts').flatMap((host) => {
    const node = nodes.find(({ id, address }) => id === host || address === host);
    if (node === undefined)
      given.mistakes.push({ ...unknownHost(host, nodes), about: aboutOf(given, 'inHosts', host) });
    return node === undefined ? [] : [node.id];
  });
  return [...new Set(hosts)];
}

function unknownHost(host: string, nodes: RepairCommandContext['nodes']): PlacelessMistake {
  const names = nodes.flatMap(({ id, address }) => (address === undefined ? [id] : [id, address]));
  const nearest = nearestName(host, names);
  return {
    code: 'D214',
    message: `there is no node ${host}`,
    expected: nodes.map(({ id }) => id).join(' | '),
    found: host,
    ...(nearest === null ? {} : { suggestion: nearest }),
    notes: [`nodetool says  Unknown host specified ${host}`],
  };
}

/** Adds the mistake of a command that the coordinator would refuse because of who holds which range. */
export function refusePlacement(
  given: Given,
  options: PlanRepairOptions,
  context: RepairCommandContext & { patch: string },
): void {
  const isLimited = options.local_dc || options.data_centers.length > 0 || options.hosts.length > 0;
  // Without a limit every range that a node holds has another replica.
  if (!isLimited && options.start_token === null) return;
  for (const { keyspace, tables } of [options, ...options.further_keyspaces]) {
    const holders = tables.length === 0 ? null : (context.holdersOf?.(tables[0]) ?? null);
    const mistake =
      holders === null ? null : refusalOf(given, requestOf(options, context, { keyspace, holders }), options.local_dc);
    if (mistake === null) continue;
    given.mistakes.push({ message: `${context.patch} refuses this on ${context.node}`, ...mistake });
    return;
  }
}

function requestOf(
  options: PlanRepairOptions,
  { node, nodes, database }: RepairCommandContext,
  { keyspace, holders }: { keyspace: string; holders: RangeHolders },
): RepairRequest {
  const numberOf = (name: string): number => nodes.findIndex(({ id }) => id === name);
  const dcOfNode = nodes.map(({ dc }) => dc);
  const dataCenters = options.local_dc ? [dcOfNode[numberOf(node)]] : options.data_centers;
  return {
    keyspace,
    layout: holders,
    node: numberOf(node),
    primaryRange: options.primary_range,
    startToken: options.start_token === null ? null : BigInt(options.start_token),
    endToken: options.end_token === null ? null : BigInt(options.end_token),
    dataCenters: dataCenters.length === 0 ? null : dataCenters,
    hosts: options.hosts.length === 0 ? null : options.hosts.map(numberOf),
    ignoreUnreplicated: options.ignore_unreplicated,
    behaviour: behaviourOfDatabase(database).repair,
    nameOfNode: nodes.map(({ id }) => id),
    dcOfNode,
  };
}

type Refusal = Omit<PlacelessMistake, 'message'> & { message?: string; about?: string };

function refusalOf(given: Given, request: RepairRequest, local: boolean): Refusal | null {
  const { layout, node, keyspace, startToken, endToken } = request;
  const plan = divideByNeighbours(request, new Rules([]));
  if (!('error' in plan)) return null;
  if (startToken !== null && endToken !== null) {
    const locals = localRangesOf(layout, node).map((index) => layout.ranges[index]);
    const mistake = checkTokenRange({ left: startToken, right: endToken }, locals, keyspace, request.nameOfNode[node]);
    if (mistake !== null) return { ...mistake, about: aboutOf(given, 'startToken') };
  }
  const { error } = plan;
  const notes = [`nodetool says  ${error}`];
  // Both may stand there: which one counts depends on the version.
  const dcFlag: FlagId = local ? 'inLocalDc' : 'inDc';
  if (/^(?:the local )?data center/.test(error)) return { code: 'D213', ...at(given, dcFlag), notes };
  if (given.flags.has('inHosts')) return { code: 'D214', ...at(given, 'inHosts'), notes };
  return { code: 'D215', ...at(given, dcFlag), notes };
}

function at(given: Given, flag: FlagId): { about: string; found: string } {
  const values = valuesOf(given, flag).join(',');
  const about = aboutOf(given, flag);
  return { about, found: values === '' ? about : `${about} ${values}` };
}

/** The flag as typed; or its value, where that is a word of its own. */
function aboutOf(given: Given, flag: FlagId, value?: string): string {
  const entry = given.flags.get(flag);
  return value !== undefined && entry?.values.includes(value) === true ? value : (entry?.name ?? '');
}
