/** Codes of the mistakes that the Cassandra dialect finds, with what each means. */
export const CASSANDRA_MISTAKES = {
  D101: 'cassandra.yaml is not text, not YAML, or not a map of settings',
  D103: 'a setting of the wrong type',
  D104: 'a setting out of its range',
  D105: 'a setting under its old and its new name',
  D106: 'a setting that stands twice (the last one counts)',
  D107: 'a misspelt setting in cassandra.yaml (warning)',
  D110: 'a database or version that does not exist',
  D141: 'a compaction strategy that the version does not have',
  D142: 'an option that the compaction strategy does not know',
  D143: 'a command of an operator that is not modelled',
  D201: 'not a nodetool repair command',
  D202: 'an unknown flag of nodetool repair',
  D203: 'a flag of nodetool repair with a bad or missing value',
  D204: 'a flag of nodetool repair that is not in this version of Reconverge',
  D205: 'a flag that nodetool repair of this version does not have',
  D207: 'flags that the database refuses together',
  D208: 'an unknown keyspace',
  D209: 'an unknown table',
  D210: 'a token or token range that is not one',
  D212: 'a token range that is not fully inside one local range of the node',
  D213: 'a data centre that does not exist, or data centres without the local one',
  D214: 'a host that does not exist, hosts without this one, or hosts that share no range with it',
  D215: 'a repair that would find no other replica',
  D216: 'auto-repair in a version that has none',
} as const;

export type CassandraMistakeCode = keyof typeof CASSANDRA_MISTAKES;
