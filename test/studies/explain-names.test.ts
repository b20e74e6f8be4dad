/** What `explain` says of who and what was at work is what the run was made of: clients, settings, healers. */
import { describe, expect, it } from 'vitest';
import { rulesOfCause } from '../../src/dialect/cassandra/cause-rules.ts';
import { load } from '../../src/index.ts';
import { explainRow } from '../../src/studies/explain/explain-row.ts';

const OPTIONS = { atMicros: null, rulesOf: rulesOfCause };

describe('the client of a version', () => {
  // In the file the workloads stand in another order than that of their ids, by which a run numbers them.
  const plan = load({
    text: `
format: 1
name: two applications
database: cassandra@4.1
seed: 5
duration: 2m
cluster:
  nodes: { dc1: { r1: 3 } }
data:
  keyspaces: { ks: { replication: 3 } }
  tables:
    ks.bills: { partitions: 20, row: 1kB, loaded: equal }
    ks.carts: { partitions: 20, row: 1kB, loaded: equal }
workload:
  writes-carts: { table: ks.carts, rate: 1/s, keys: sequential, consistency: ONE }
  bills: { table: ks.bills, rate: 1/s, keys: sequential, consistency: ONE }
`,
  });

  it.each([
    ['ks.carts', 'writes-carts'],
    ['ks.bills', 'bills'],
  ])('of %s is %s, wherever it stands in the file', (table, workload) => {
    const row = explainRow(plan, { by: 'key', table, key: '7', row: null }, OPTIONS);
    if ('problem' in row) throw new Error(row.problem);
    expect(row.promised.workload).toBe(workload);
    expect(row.copies.map(({ holds }) => holds.workload)).toEqual([workload, workload, workload]);
    expect(row.events[0].text).toMatch(new RegExp(`^v1: ${workload} writes through n\\d$`));
  });
});
