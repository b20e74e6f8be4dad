/**
 * What is drawn under a seed of its own where a scenario says so (`seeds:`): all else is drawn under the plan's. So one part
 * of chance can be varied while the others stay as they were.
 */

/**
 * faults: times, choices and damage of faults. workload: arrivals, keys, operations, coordinators, chance of read repair.
 * tokens: of nodes. network: latencies, losses, phases of heartbeats. rest: times and choices of operations and repairs,
 * probes, phases of commit logs.
 */
export const SEED_PURPOSES = ['faults', 'workload', 'tokens', 'network', 'rest'] as const;

export type SeedPurpose = (typeof SEED_PURPOSES)[number];

export type SeedsByPurpose = { [Purpose in SeedPurpose]?: string | undefined } | undefined;

export function seedFor({ seed, seeds }: { seed: string; seeds?: SeedsByPurpose }, purpose: SeedPurpose): string {
  return seeds?.[purpose] ?? seed;
}

/** Of what is drawn for an entry of this section of a scenario. */
export function purposeOf(section: string): SeedPurpose {
  return section === 'faults' || section === 'workload' ? section : 'rest';
}
