/** Metrics of probes that read what a workload has written: which probe, and of what it counted which part. */
import type { Drafting } from './drafting.ts';
import type { Path } from './places.ts';
import type { PlanWhere } from './plan.ts';
import type { ScenarioProbe } from './schema/scenario.ts';
import { durationText } from './units.ts';

/** The kinds of probe that measure it, and the member of `where` that says which part. */
const OF_PROBES: ReadonlyMap<string, { kinds: readonly ScenarioProbe['probe'][]; part: 't' | 'k' | null }> = new Map([
  ['p_current', { kinds: ['t-visibility'], part: 't' }],
  ['t_visible_p999', { kinds: ['t-visibility'], part: null }],
  ['p_within_k', { kinds: ['k-staleness'], part: 'k' }],
  ['probe_read_latency_p999', { kinds: ['t-visibility', 'k-staleness'], part: null }],
  ['probe_write_latency_p999', { kinds: ['t-visibility', 'k-staleness'], part: null }],
]);

/** False after a mistake. A probe that an edit took away may still be named. */
export function checkProbeMetric(
  { scenario, list }: Drafting,
  { metric, where, path }: { metric: string; where: PlanWhere; path: Path },
): boolean {
  const asked = OF_PROBES.get(metric);
  if (asked === undefined) return true;
  const refuse = (message: string, expected: string, at: Path = path): boolean => {
    list.add(at, { code: 'S159', message, expected });
    return false;
  };
  if (where.probe === undefined) return refuse(`${metric} is of one probe`, 'where: { probe: ID }');
  const probe = scenario.probes?.[where.probe];
  if (probe === undefined) return true;
  if (!asked.kinds.includes(probe.probe))
    return refuse(`${where.probe} does not measure ${metric}`, `a probe: ${asked.kinds.join(' | ')}`, [
      ...path,
      'probe',
    ]);
  if (asked.part !== null && where[asked.part] === undefined)
    return refuse(`${metric} needs ${asked.part}`, `where: { probe: ${where.probe}, ${EXAMPLES[asked.part]} }`);
  const times = probe.probe === 't-visibility' ? probe.times : undefined;
  if (times !== undefined && where.t !== undefined && !times.includes(where.t)) {
    const listed = times.map(durationText).join(', ');
    return refuse(`${where.probe} does not read ${durationText(where.t)} after a write`, `one of ${listed}`, [
      ...path,
      't',
    ]);
  }
  const most = probe.probe === 'k-staleness' ? (probe.versions ?? DEFAULT_VERSIONS) : Infinity;
  if (where.k === undefined || (where.k >= 1 && where.k <= most)) return true;
  return refuse(`${where.probe} tells ${most} versions apart`, `1 to ${most}`, [...path, 'k']);
}

const EXAMPLES = { t: 't: 10ms', k: 'k: 1' };
/** Of a probe that does not say. */
const DEFAULT_VERSIONS = 10;
