/**
 * Which replicas may take part in a repair that was limited by -local, -dc or -hosts (cassandra.b19, b20), and the
 * refusals of such limits in the database's words. Placement and names only; who is alive is not asked here.
 */
import { rangeText } from '../data/tokens.ts';
import type { TokenRange } from '../data/tokens.ts';
import type { Rules } from '../base/rules.ts';
import type { RepairRequest } from './strategy.ts';

/** What is wrong with the data centres and hosts whatever the range; null = nothing. */
export function refuseLimits(request: RepairRequest, rules: Rules): string | null {
  const { node, dcOfNode, hosts } = request;
  const dataCenters = dataCentersOf(request, rules);
  if (dataCenters !== null) {
    rules.mark('cassandra.b19');
    const local = dcOfNode[node];
    if (!dataCenters.includes(local))
      return `the local data center must be part of the repair; requested [${dataCenters.join(', ')}] but DC is ${local}`;
    const unknown = dataCenters.filter((name) => !dcOfNode.includes(name));
    if (unknown.length > 0 && request.behaviour.refusesUnknownDataCenters)
      return `data center(s) [${unknown.join(', ')}] not found`;
  }
  if (hosts === null) return null;
  rules.mark('cassandra.b20');
  return hosts.includes(node) ? null : 'The current host must be part of the repair';
}

/** Of the other replicas of a range those that take part; they may be none. */
export function limitReplicas(
  request: RepairRequest,
  range: TokenRange,
  { others, rules }: { others: readonly number[]; rules: Rules },
): number[] | { error: string } {
  const dataCenters = dataCentersOf(request, rules);
  if (dataCenters !== null) return others.filter((replica) => dataCenters.includes(request.dcOfNode[replica]));
  const { hosts, nameOfNode } = request;
  if (hosts === null || rules.isOff('cassandra.b20')) return [...others];
  const chosen = others.filter((replica) => hosts.includes(replica));
  if (chosen.length > 0) return chosen;
  const names = (nodes: readonly number[]): string => `[${nodes.map((node) => nameOfNode[node]).join(', ')}]`;
  return {
    error:
      `Specified hosts ${names(hosts)} do not share range ${rangeText(range)} needed for repair. Either restrict repair ` +
      'ranges with -st/-et options, or specify one of the neighbors that share this range with this node: ' +
      `${names(others)}.`,
  };
}

/** cassandra.b19 off: the replicas of all data centres take part. */
function dataCentersOf({ dataCenters }: RepairRequest, rules: Rules): readonly string[] | null {
  return rules.isOff('cassandra.b19') ? null : dataCenters;
}
