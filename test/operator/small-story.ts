/** Three nodes, one away for a minute, and an incremental repair on slow devices, so that its phases can be looked into. */
import { load } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';

const STORY = `
format: 1
name: small
database: cassandra@4.1
seed: 5
start: 2026-03-02T00:00:00Z
duration: 6m
cluster:
  nodes: { dc1: { r1: 1, r2: 1, r3: 1 } }
  settings: { num_tokens: 2 }
  devices: { disk: { read: 200kB/s, write: 200kB/s }, link: 100kB/s }
data:
  keyspaces: { ks: { replication: { dc1: 3 } } }
  tables: { ks.t: { partitions: 2_000, row: 1kB, loaded: equal } }
workload:
  w: { table: ks.t, rate: 4/s, keys: uniform, consistency: QUORUM }
faults:
  away: { fault: crash, node: n3, mode: power-loss, at: 30s, for: 1m }
repairs:
  inc: { repair: nodetool, node: n1, run: "nodetool repair ks", at: 3m }
`;

export function smallStory(line: string, edits: readonly ['set' | 'remove', string][] = []): Plan {
  return load({ text: STORY, edits: [['set', `database=cassandra@${line}`], ...edits] });
}
