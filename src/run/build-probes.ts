/** Builds what a plan's probes of writes need: a reader each, behind those of the workloads, and draws of their own. */
import type { TableLayout } from '../data/layout.ts';
import { derive, streamKey } from '../kernel/random.ts';
import { EVENT_CLASS, type Kernel } from '../kernel/kernel.ts';
import type { Versions } from '../data/versions.ts';
import type { VisibilityResult, StalenessResult } from '../observe/result.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { ClientAnswers } from '../replica/client-answers.ts';
import { EVENT } from '../replica/event-kinds.ts';
import type { ConsistencyRule } from '../replica/consistency.ts';
import { followingRule, type Placements } from '../replica/placements.ts';
import { ProbeReads } from '../replica/probing/probe-reads.ts';
import { StalenessProbe } from '../replica/probing/staleness-probe.ts';
import { VisibilityProbe } from '../replica/probing/visibility-probe.ts';
import { WriteProbes, type AnyWriteProbe } from '../replica/probing/write-probes.ts';
import type { ReadPath } from '../replica/reads/read-path.ts';
import { Reader } from '../replica/reads/reader.ts';
import { numberedIds } from '../scenario/numbered-ids.ts';
import type { Plan, PlanStalenessProbe, PlanVisibilityProbe } from '../scenario/plan.ts';
import { seedFor } from '../scenario/seed-purposes.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { Epochs } from './build-epochs.ts';
import { coordinatorsFor, readingWorkloads } from './build-reads.ts';
import { ruleInEpoch } from './build-workloads.ts';

const STREAM = { reader: 1, share: 2 } as const;

/** The parts of a world that probes need. */
interface Parts {
  plan: Plan;
  kernel: Kernel;
  versions: Versions;
  cluster: Cluster;
  tables: readonly TableLayout[];
  numbers: PlanNumbers;
  placements: Placements;
  epochs: Epochs;
}

type WritePlan = PlanVisibilityProbe | PlanStalenessProbe;

export function buildWriteProbes(parts: Parts, path: ReadPath): WriteProbes {
  const { plan } = parts;
  const workloads = numberedIds(plan.workload);
  const firstReader = readingWorkloads(plan).length;
  const probes = numberedIds(plan.probes).flatMap((id): [string, WritePlan][] => {
    const probe = plan.probes[id];
    return 'workload' in probe && workloads.includes(probe.workload) ? [[id, probe]] : [];
  });
  const built = probes.map(([id, probe], index): AnyWriteProbe => {
    const workload = workloads.indexOf(probe.workload);
    const { reads, layout } = readsOf(parts, path, { id, probe, index, reader: firstReader + index });
    if (probe.kind === 't-visibility')
      return {
        id,
        workload,
        kind: probe.kind,
        probe: new VisibilityProbe(reads, { layout, timesMicros: probe.times_micros }),
      };
    const options = { afterMicros: probe.after_micros, depth: probe.versions };
    return { id, workload, kind: probe.kind, probe: new StalenessProbe(reads, options) };
  });
  const all = new WriteProbes(parts.versions, built);
  built.forEach(({ probe }) => path.addReader(readerOf(probe), (answer) => probe.answered(answer)));
  return all;
}

function readerOf(probe: VisibilityProbe | StalenessProbe): Reader {
  return probe.reads.options.reader;
}

interface One {
  id: string;
  probe: WritePlan;
  index: number;
  reader: number;
}

function readsOf(parts: Parts, path: ReadPath, one: One): { reads: ProbeReads; layout: TableLayout } {
  const { plan } = parts;
  const { id, probe, index } = one;
  const workload = plan.workload[probe.workload];
  const layout = parts.tables[plan.tables.findIndex((table) => table.id === workload.table)];
  const key = streamKey(seedFor(plan, 'rest'), 'probe', id);
  const networkKey = streamKey(seedFor(plan, 'network'), 'probe', id);
  const { placements, epochs, numbers: of } = parts;
  const ruleIn = (epoch: number): ConsistencyRule =>
    ruleInEpoch(probe.consistency, { table: layout, epoch }, { plan, epochs, numbers: of });
  const reader = new Reader({
    index: one.reader,
    id,
    table: layout.index,
    rule: placements.isPlain ? ruleIn(0) : followingRule(placements, ruleIn),
    nodeCount: plan.nodes.length,
    key: derive(key, STREAM.reader),
    networkKey: derive(networkKey, STREAM.reader),
    asksAll: true,
    merges: true,
  });
  const { kernel, versions, cluster, numbers } = parts;
  const reads = new ProbeReads({
    ...{ index, kernel, versions, cluster, path, reader },
    ...{ share: probe.share, shareKey: derive(key, STREAM.share) },
    ...coordinatorsFor(workload, numbers, key),
  });
  return { reads, layout };
}

/** Gives the event of probes its handler, and tells them of what clients are told. */
export function defineProbes(kernel: Kernel, client: ClientAnswers, probes: WriteProbes): void {
  kernel.define(EVENT.probeReads, 'probeReads', EVENT_CLASS.timer, (address, b) => probes.due(address, b));
  if (probes.probes.length > 0) client.listener = (version) => probes.acknowledged(version);
}

/** What each has found, by id. */
export function probeResults(plan: Plan, { probes }: WriteProbes): Record<string, VisibilityResult | StalenessResult> {
  return Object.fromEntries(
    probes.map((one) => {
      const { workload, consistency } = plan.probes[one.id] as WritePlan;
      // Both alike: the types of kind and finding belong together.
      const result =
        one.kind === 't-visibility'
          ? { kind: one.kind, workload, consistency, ...one.probe.finding() }
          : { kind: one.kind, workload, consistency, ...one.probe.finding() };
      return [one.id, result];
    }),
  );
}

/** By workload, 1: a probe reads what it writes. */
export function probedWorkloads(plan: Plan): Uint8Array {
  const probed = Object.values(plan.probes).flatMap((probe) => ('workload' in probe ? [probe.workload] : []));
  return Uint8Array.from(numberedIds(plan.workload), (id) => (probed.includes(id) ? 1 : 0));
}
