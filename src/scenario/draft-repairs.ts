/** Repairs: the operator's command read by the dialect, the nodes that run it, when and how often. */
import type { RangeHolders } from '../data/layout.ts';
import { requireTargets, selectTargets } from './drafting.ts';
import type { Drafting } from './drafting.ts';
import { Holders } from './holders.ts';
import type { Path } from './places.ts';
import type { PlanEntry, PlanRepairOptions } from './plan.ts';
import type { ScenarioRepair } from './schema/scenario.ts';
import { durationText } from './units.ts';

export function draftRepairs(drafting: Drafting): PlanEntry[] {
  const entries: PlanEntry[] = [];
  for (const [id, repair] of Object.entries(drafting.scenario.repairs ?? {})) {
    const entry = draftRepair(drafting, id, repair);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

function draftRepair(drafting: Drafting, id: string, repair: ScenarioRepair): PlanEntry | null {
  const path = ['repairs', id];
  const nodes =
    repair.repair === 'rounds' ? roundNodes(drafting, repair, path) : requireTargets(drafting, repair, path);
  const at = repairStart(drafting, repair, path);
  const options =
    nodes.length === 0 ? null : readCommands(drafting, { command: repair.run, nodes, path: [...path, 'run'] });
  if (repair.every === 0)
    drafting.list.add([...path, 'every'], {
      code: 'S117',
      message: 'every is out of range',
      expected: 'a duration above 0',
    });
  if (at === null || options === null) return null;
  return {
    id: `repairs.${id}`,
    kind: 'repair',
    at_micros: at,
    nodes,
    one_after_another: repair.repair === 'rounds' ? (repair.one_after_another ?? true) : true,
    every_micros: repair.every ?? null,
    options,
    command: repair.run,
  };
}

function roundNodes(drafting: Drafting, repair: ScenarioRepair, path: Path): string[] {
  return selectTargets(drafting, repair, path) ?? drafting.nodes.map(({ id }) => id);
}

/** Rounds without a time begin after the first period. */
function repairStart({ times, list }: Drafting, repair: ScenarioRepair, path: Path): number | null {
  if (repair.at === undefined && repair.every === undefined) {
    list.add(path, {
      code: 'S111',
      message: 'missing key "at" in a repair of type rounds',
      expected: 'at: a time, or every: a duration',
    });
    return null;
  }
  const at = times.edge('repairs', String(path[1]), 'start');
  if (at !== null && at >= times.endMicros) {
    list.warn([...path, repair.at === undefined ? 'every' : 'at'], {
      code: 'S203',
      message: `the repair begins after the end of the run (${durationText(at)})`,
      expected: `before ${durationText(times.endMicros)}`,
    });
  }
  return at;
}

/** The command as each of the nodes would read it: the options are the same, what is refused may not be. */
function readCommands(
  drafting: Drafting,
  { command, nodes, path }: { command: string; nodes: readonly string[]; path: Path },
): PlanRepairOptions | null {
  // A table that was refused would be called unknown.
  if (drafting.tables.length < drafting.tableCount) return null;
  const holdersOf = holdersByTable(drafting);
  let options: PlanRepairOptions | null = null;
  for (const node of nodes) {
    const read = readCommand(drafting, { command, node, path, holdersOf });
    if (read === null) return null;
    options ??= read;
  }
  return options;
}

function readCommand(
  drafting: Drafting,
  of: { command: string; node: string; path: Path; holdersOf: (table: string) => RangeHolders | null },
): PlanRepairOptions | null {
  const { command, node, path, holdersOf } = of;
  const { rules, database, nodes, tables, list, assumptions } = drafting;
  const read = rules.readRepairCommand(command, {
    database,
    node,
    nodes,
    tables: tables.map(({ id, keyspace, name }) => ({ id, keyspace, name })),
    holdersOf,
  });
  if ('mistakes' in read) {
    for (const mistake of read.mistakes) list.add(path, { found: command, ...mistake }, command);
    return null;
  }
  for (const assumption of read.assumptions) if (!assumptions.includes(assumption)) assumptions.push(assumption);
  return read.options;
}

/** Built once a table, and only where a command asks. */
function holdersByTable({ nodes, tables }: Drafting): (table: string) => RangeHolders | null {
  const known = new Map<string, RangeHolders | null>();
  return (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    const table = tables.find((candidate) => candidate.id === id);
    const holders = table === undefined ? null : new Holders(nodes, table).ranges();
    known.set(id, holders);
    return holders;
  };
}
