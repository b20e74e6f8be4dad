/** `nodetool describering` (cassandra.j3, `service/TokenRange#toString`): the ranges of a keyspace, the primary replica first. */
import { javaList } from '../java-text.ts';
import type { Moment } from '../moment.ts';
import { holdersNow } from './ownership.ts';
import type { Asked, NodetoolCommand } from './view.ts';

export const describering: NodetoolCommand = {
  name: 'describering',
  usage: 'nodetool describering KEYSPACE',
  since: '2.0',
  words: 'keyspace',
  wordsMin: 1,
  wordsMax: 1,
  options: [],
  view: ringLines,
};

function ringLines(moment: Moment, { words }: Asked): string[] {
  const { plan, world, names } = moment;
  const layout = holdersNow(
    moment,
    plan.tables.findIndex(({ keyspace }) => keyspace === words[0]),
  );
  const ranges = layout.ranges.map(({ left, right }, index) => {
    const replicas = [...layout.replicas.subarray(index * layout.copies, (index + 1) * layout.copies)];
    const addresses = javaList(replicas.map((node) => names.addresses[node]));
    const details = replicas.map((node) => {
      const { dc, rack } = plan.nodes[node];
      return `EndpointDetails(host:${names.addresses[node]}, datacenter:${dc}, rack:${rack})`;
    });
    const tokens = `start_token:${left}, end_token:${right}`;
    const endpoints = `endpoints:${addresses}, rpc_endpoints:${addresses}, endpoint_details:${javaList(details)}`;
    return `\tTokenRange(${tokens}, ${endpoints})`;
  });
  return [
    `Schema Version:${names.schemaVersion((table) => world.epochs.replicationOf(table, world.placements.epoch))}`,
    'TokenRange: ',
    ...ranges,
  ];
}
