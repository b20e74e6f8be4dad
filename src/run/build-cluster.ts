/** Builds the cluster's state and its links from a plan. */
import { compileDistribution } from '../kernel/distributions.ts';
import { LatencyTable } from '../kernel/latency-table.ts';
import { Cluster } from '../replica/cluster.ts';
import { Links } from '../replica/links.ts';
import { isTopologyEntry } from '../scenario/entry-kinds.ts';
import type { Plan, PlanLatencies } from '../scenario/plan.ts';

/** Numbers of a plan's nodes and data centres. */
export interface PlanNumbers {
  nodeOf: ReadonlyMap<string, number>;
  dcs: readonly string[];
  dcOf: readonly number[];
  /** By node, whether it is there when the run begins. */
  isThereAtStart: readonly boolean[];
  /** Plan entry id to origin: index + 1; several entries of one id share the first one's number. */
  originOf: ReadonlyMap<string, number>;
}

export function numbersOf(plan: Plan): PlanNumbers {
  const dcs = [...new Set(plan.nodes.map(({ dc }) => dc))];
  const originOf = new Map<string, number>();
  plan.entries.forEach(({ id }, index) => {
    if (!originOf.has(id)) originOf.set(id, index + 1);
  });
  return {
    nodeOf: new Map(plan.nodes.map(({ id }, index) => [id, index])),
    dcs,
    dcOf: plan.nodes.map(({ dc }) => dcs.indexOf(dc)),
    isThereAtStart: plan.nodes.map(({ joins }) => joins === undefined),
    originOf,
  };
}

export function buildCluster(plan: Plan, numbers: PlanNumbers): Cluster {
  const racks = [...new Set(plan.nodes.map(({ dc, rack }) => `${dc}/${rack}`))];
  return new Cluster({
    dc: [...numbers.dcOf],
    rack: plan.nodes.map(({ dc, rack }) => racks.indexOf(`${dc}/${rack}`)),
    absent: plan.nodes.flatMap(({ joins }, index) => (joins === undefined ? [] : [index])),
    changesPlacement: plan.entries.some(isTopologyEntry),
  });
}

const LOCAL = 0;
const RACK = 1;
const DC = 2;
const WAN = 3;

export function buildLinks(plan: Plan): Links {
  const between = Object.keys(plan.links.between).sort((left, right) => (left < right ? -1 : 1));
  const classes: PlanLatencies[] = [
    plan.links.local,
    plan.links.rack,
    plan.links.dc,
    plan.links.wan,
    ...between.map((name) => plan.links.between[name]),
  ];
  const count = plan.nodes.length;
  const classOf = new Uint8Array(count * count);
  for (let from = 0; from < count; from += 1) {
    for (let to = 0; to < count; to += 1) classOf[from * count + to] = classOfPair(plan, between, from, to);
  }
  return new Links(count, classOf, classes.flatMap(samplersOf));
}

function classOfPair(plan: Plan, between: readonly string[], from: number, to: number): number {
  const left = plan.nodes[from];
  const right = plan.nodes[to];
  if (from === to) return LOCAL;
  if (left.dc === right.dc) return left.rack === right.rack ? RACK : DC;
  const name = left.dc < right.dc ? `${left.dc}-${right.dc}` : `${right.dc}-${left.dc}`;
  const own = between.indexOf(name);
  return own < 0 ? WAN : WAN + 1 + own;
}

function samplersOf({ write, ack, read, response }: PlanLatencies): LatencyTable[] {
  return [write, ack, read, response].map((distribution) => new LatencyTable(compileDistribution(distribution)));
}
