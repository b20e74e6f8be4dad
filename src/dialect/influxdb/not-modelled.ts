/** What this version of Reconverge leaves out of InfluxDB Enterprise, as sentences that stand beside every result. */
export const NOT_MODELLED: readonly string[] = [
  'InfluxDB Enterprise is closed: where its documentation and release notes are silent, the open code that it came from is followed (docs/fidelity-influxdb.md says where).',
  'All points of a late series come late by the same time.',
  'Of anti-entropy, retries with back-off are not modelled.',
  'Queries look on and load nothing; of InfluxQL they know an aggregate over a stretch of time, without GROUP BY.',
  'The index and its limits on series and values are not modelled.',
  'Meta nodes never fail, and shard groups are there when they are needed; no node joins.',
  'Of refusals for what a write holds only conflicts of field types are modelled; memory is that of caches, and running out of it ends no process.',
  'Nodes are in one data centre; a passive data node is not modelled.',
  'A client that was told an error tries again only where the scenario says so, with the same points, a second later.',
];
