/** What of a scenario belongs to the other kind of database: tables in a ring, or points in shards. Each is refused in words. */
import type { Drafting } from '../drafting.ts';
import { isPointFault } from './draft-point-faults.ts';
import type { Path } from '../places.ts';

/** What may happen to a cluster that stores points. */
const FAULTS =
  'crash, stop, pause, partition, loss, slow-link, slow-disk, full-disk, ack-before-fsync, skew, panic, batch-cut, hint-store-lost, queue-lost, queue-torn';

const POINT_PROBES = ['dashboard', 'alert', 'count', 'size'];

function isPointProbe(kind: string): boolean {
  return POINT_PROBES.includes(kind);
}

/** Where points are stored: nothing of tables, rings and their commands. */
export function refuseTableParts(drafting: Drafting): void {
  const { cluster, data } = drafting.scenario;
  const other = (path: Path, expected: string): void => addOther(drafting, path, expected);
  if (cluster.nodes !== undefined) other(['cluster', 'nodes'], 'data_nodes: 4');
  if (cluster.tokens !== undefined) other(['cluster', 'tokens'], 'no tokens: shards have owners');
  if (Object.keys(data.tables).length > 0) other(['data', 'tables'], 'databases with policies');
  if (data.keyspaces !== undefined) other(['data', 'keyspaces'], 'databases with policies');
  if (data.replication !== undefined) other(['data', 'replication'], 'replication at a policy');
  refuseEntries(drafting);
}

function refuseEntries(drafting: Drafting): void {
  const { faults = {}, operations = {}, repairs = {}, probes = {} } = drafting.scenario;
  for (const [id, { fault }] of Object.entries(faults))
    if (fault === 'damage') addLater(drafting, ['faults', id, 'fault'], `fault "${fault}"`, `fault: ${FAULTS}`);
  for (const [id, { do: what }] of Object.entries(operations))
    if (what === 'nodetool' || what === 'cql')
      addWrong(drafting, ['operations', id, 'do'], what, 'influxql | influxd-ctl');
    else if (what !== 'influxql' && what !== 'influxd-ctl')
      addLater(drafting, ['operations', id, 'do'], `do "${what}"`, 'do: influxql | influxd-ctl');
  for (const [id, { repair }] of Object.entries(repairs))
    if (repair === 'nodetool' || repair === 'rounds' || repair === 'reaper')
      addWrong(drafting, ['repairs', id, 'repair'], repair, 'entropy | manual');
    else if (repair !== 'entropy' && repair !== 'manual')
      addLater(drafting, ['repairs', id, 'repair'], `repair "${repair}"`, 'repair: entropy | manual');
  for (const [id, { probe }] of Object.entries(probes))
    if (!isPointProbe(probe)) addWrong(drafting, ['probes', id, 'probe'], probe, POINT_PROBES.join(' | '));
}

/** Where tables lie in a ring: nothing of databases, policies and points. */
export function refusePointParts(drafting: Drafting): void {
  const { cluster, data, workload = {} } = drafting.scenario;
  if (cluster.data_nodes !== undefined) addOther(drafting, ['cluster', 'data_nodes'], 'nodes: 3');
  if (cluster.meta_nodes !== undefined) addOther(drafting, ['cluster', 'meta_nodes'], 'nodes: 3');
  if (data.databases !== undefined) addOther(drafting, ['data', 'databases'], 'tables');
  for (const [id, each] of Object.entries(workload))
    if ('into' in each) addOther(drafting, ['workload', id, 'into'], 'table: keyspace.table');
  refusePointEntries(drafting);
}

function refusePointEntries(drafting: Drafting): void {
  const { faults = {}, operations = {}, repairs = {}, probes = {} } = drafting.scenario;
  for (const [id, { probe }] of Object.entries(probes))
    if (isPointProbe(probe)) addWrong(drafting, ['probes', id, 'probe'], probe, 'read | t-visibility | k-staleness');
  for (const [id, fault] of Object.entries(faults))
    if (isPointFault(fault)) addWrong(drafting, ['faults', id, 'fault'], fault.fault, 'crash | stop | slow-disk | …');
  for (const [id, { do: what }] of Object.entries(operations))
    if (what === 'influxql' || what === 'influxd-ctl')
      addWrong(drafting, ['operations', id, 'do'], what, 'cql | nodetool | set | restart');
  for (const [id, { repair }] of Object.entries(repairs))
    if (repair === 'entropy' || repair === 'manual')
      addWrong(drafting, ['repairs', id, 'repair'], repair, 'nodetool | rounds | reaper');
}

function addOther({ list, database }: Drafting, path: Path, expected: string): void {
  const key = String(path.at(-1));
  list.add(path, { code: 'S119', message: `"${key}" is not of ${database}`, expected, found: key, part: 'key' });
}

function addWrong({ list, database }: Drafting, path: Path, value: string, expected: string): void {
  const key = String(path.at(-1));
  list.add(path, { code: 'S119', message: `${key} "${value}" is not of ${database}`, expected, found: value });
}

function addLater({ list, database }: Drafting, path: Path, what: string, expected: string): void {
  list.add(path, { code: 'S116', message: `not in this version of Reconverge: ${what} on ${database}`, expected });
}
