/**
 * Keyspace and tables of a `nodetool repair`: named, or all keyspaces one after the other (cassandra.b1, table d of the reference).
 */
import { nearestName } from '../../base/nearest.ts';
import type { PlacelessMistake, RepairCommandContext } from '../../scenario/dialect-rules.ts';
import type { PlanRepairOptions } from '../../scenario/plan.ts';
import type { Given } from './repair-words.ts';

type Named = Pick<PlanRepairOptions, 'keyspace' | 'tables' | 'further_keyspaces'>;

export function readNames(given: Given, context: RepairCommandContext): Named {
  const keyspaces = [...new Set(context.tables.map((table) => table.keyspace))];
  return given.names.length === 0 ? allKeyspaces(given, keyspaces, context) : namedKeyspace(given, keyspaces, context);
}

function allKeyspaces(given: Given, keyspaces: readonly string[], context: RepairCommandContext): Named {
  given.assumptions.push(
    keyspaces.length === 1
      ? `no keyspace was named: the only one, ${keyspaces[0]}, is repaired`
      : `no keyspace was named: ${keyspaces.join(', ')} are repaired one after the other`,
  );
  const [first, ...further] = keyspaces.map((keyspace) => ({
    keyspace,
    tables: context.tables.filter((table) => table.keyspace === keyspace).map(({ id }) => id),
  }));
  return { ...first, further_keyspaces: further };
}

function namedKeyspace(given: Given, keyspaces: readonly string[], context: RepairCommandContext): Named {
  const [keyspace, ...rest] = given.names;
  const inKeyspace = context.tables.filter((table) => table.keyspace === keyspace);
  if (inKeyspace.length === 0) {
    given.mistakes.push(unknownKeyspace(keyspace, keyspaces, context));
    return { keyspace, tables: [], further_keyspaces: [] };
  }
  const named = [...new Set(rest)];
  const known = inKeyspace.map((candidate) => candidate.name);
  const tables = named.flatMap((name) => {
    const table = inKeyspace.find((candidate) => candidate.name === name);
    if (table === undefined) given.mistakes.push(unknownTable(name, keyspace, known));
    return table === undefined ? [] : [table.id];
  });
  return { keyspace, tables: named.length === 0 ? inKeyspace.map(({ id }) => id) : tables, further_keyspaces: [] };
}

function unknownKeyspace(
  keyspace: string,
  keyspaces: readonly string[],
  context: RepairCommandContext,
): PlacelessMistake {
  const table = context.tables.find(({ id }) => id === keyspace);
  const nearest = nearestName(keyspace, keyspaces);
  const suggestion =
    table !== undefined ? `${table.keyspace} ${table.name} (nodetool takes keyspace and table as two words)` : nearest;
  return {
    code: 'D208',
    message: `Keyspace [${keyspace}] does not exist.`,
    expected: keyspaces.join(' | '),
    found: keyspace,
    ...(suggestion === null ? {} : { suggestion }),
  };
}

function unknownTable(name: string, keyspace: string, tables: readonly string[]): PlacelessMistake {
  const nearest = nearestName(name, tables);
  return {
    code: 'D209',
    message: `Unknown keyspace/cf pair (${keyspace}.${name})`,
    expected: tables.join(' | '),
    found: name,
    ...(nearest === null ? {} : { suggestion: nearest }),
  };
}
