/** Operations: the operator's command read by the dialect, the nodes that run it, when and how often. */
import { draftTopologyCommand, draftTopologyOperation } from './draft-topology.ts';
import { requireTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import type { PlanEntry } from './plan.ts';
import type { ScenarioOperation } from './schema/scenario.ts';
import { durationText } from './units.ts';

export function draftOperations(drafting: Drafting): PlanEntry[] {
  const operations = Object.entries(drafting.scenario.operations ?? {});
  return operations.flatMap(([id, operation]) => draftOperation(drafting, id, operation) ?? []);
}

function draftOperation(drafting: Drafting, id: string, operation: ScenarioOperation): PlanEntry | null {
  const { rules, database, tables, list, times, tableCount } = drafting;
  const path = ['operations', id];
  if (operation.do !== 'nodetool') {
    const begins = times.edge('operations', id, 'start');
    if (begins !== null) warnLate(drafting, id, begins);
    return begins === null ? null : draftTopologyOperation(drafting, operation, { id, at: begins });
  }
  const nodes = requireTargets(drafting, operation, path);
  const at = times.edge('operations', id, 'start');
  if (operation.every === 0)
    list.add([...path, 'every'], { code: 'S117', message: 'every is out of range', expected: 'a duration above 0' });
  if (at !== null) warnLate(drafting, id, at);
  // A table that was refused would be called unknown.
  if (tables.length < tableCount) return null;
  const named = tables.map(({ id: table, keyspace, name }) => ({ id: table, keyspace, name }));
  const read = rules.readOperation(operation.run, { database, tables: named });
  if ('mistakes' in read) {
    for (const mistake of read.mistakes) list.add([...path, 'run'], mistake, operation.run);
    return null;
  }
  if (at === null || nodes.length === 0) return null;
  if ('topology' in read)
    return draftTopologyCommand(drafting, read.topology, { id, at, runsOn: nodes, text: operation.run });
  const common = { id: `operations.${id}`, at_micros: at, nodes, every_micros: operation.every ?? null };
  return { ...common, ...read.operation, command: operation.run };
}

function warnLate({ list, times }: Drafting, id: string, at: number): void {
  if (at < times.endMicros) return;
  list.warn(['operations', id, 'at'], {
    code: 'S203',
    message: `the operation begins after the end of the run (${durationText(at)})`,
    expected: `before ${durationText(times.endMicros)}`,
  });
}
