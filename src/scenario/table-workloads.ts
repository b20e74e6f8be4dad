/** The workloads that write rows of tables, among those of a scenario. */
import type { Scenario, ScenarioWorkload } from './schema/scenario.ts';

export function tableWorkloads({ workload = {} }: Scenario): Record<string, ScenarioWorkload> {
  const tables: Record<string, ScenarioWorkload> = {};
  for (const [id, each] of Object.entries(workload)) if ('table' in each) tables[id] = each;
  return tables;
}
