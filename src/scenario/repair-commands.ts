/** Repair commands of a scenario, read by the dialect for every node that runs them. */
import type { RangeHolders } from '../data/layout.ts';
import type { Drafting } from './drafting.ts';
import { Holders } from './holders.ts';
import type { Path } from './places.ts';
import type { PlanRepairOptions } from './plan.ts';

export interface CommandOfNodes {
  command: string;
  nodes: readonly string[];
  /** Where it stands, or what it follows from. */
  path: Path;
  /** Does it stand there word by word? */
  isWritten?: boolean;
}

type HoldersOf = (table: string) => RangeHolders | null;

/** The command as each of the nodes would read it: the options are the same, what is refused may not be. */
export function readCommands(
  drafting: Drafting,
  { command, nodes, path, isWritten = true }: CommandOfNodes,
): PlanRepairOptions | null {
  // A table that was refused would be called unknown.
  if (drafting.tables.length < drafting.tableCount) return null;
  // Where placement changes only the run can tell who holds what when the command runs.
  const holdersOf = changesPlacement(drafting) ? undefined : holdersByTable(drafting);
  let options: PlanRepairOptions | null = null;
  for (const node of nodes) {
    const read = readCommand(drafting, { command, node, path, isWritten, holdersOf });
    if (read === null) return null;
    options ??= read;
  }
  return options;
}

function readCommand(
  drafting: Drafting,
  of: { command: string; node: string; path: Path; isWritten: boolean; holdersOf: HoldersOf | undefined },
): PlanRepairOptions | null {
  const { command, node, path, isWritten, holdersOf } = of;
  const { rules, database, joiners, tables, list, assumptions } = drafting;
  const nodes = [...drafting.nodes, ...joiners];
  const read = rules.readRepairCommand(command, {
    database,
    node,
    nodes,
    tables: tables.map(({ id, keyspace, name }) => ({ id, keyspace, name })),
    ...(holdersOf === undefined ? {} : { holdersOf }),
  });
  if ('mistakes' in read) {
    for (const { within, ...mistake } of read.mistakes) {
      // What a scheduler would type stands nowhere in the scenario.
      if (isWritten) list.add(path, { found: command, ...mistake, ...(within && { within }) }, command);
      else list.add(path, { found: command, ...mistake });
    }
    return null;
  }
  for (const assumption of read.assumptions) if (!assumptions.includes(assumption)) assumptions.push(assumption);
  return read.options;
}

/** Do operations of the scenario change who holds what? */
export function changesPlacement({ scenario }: Drafting): boolean {
  return Object.values(scenario.operations ?? {}).some(
    (operation) =>
      ['alter', 'add', 'replace', 'remove'].includes(operation.do) ||
      ('run' in operation && /\b(decommission|removenode|assassinate|alter\s+keyspace)\b/i.test(operation.run)),
  );
}

/** Built once a table, and only where a command asks. */
function holdersByTable({ nodes, tables }: Drafting): HoldersOf {
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
