/** Codes of the mistakes that the InfluxDB dialect finds, with what each means. */
export const INFLUXDB_MISTAKES = {
  D301: 'influxdb.conf is not text or not TOML',
  D303: 'a setting of influxdb.conf of the wrong type or in a wrong unit',
  D304: 'a setting of influxdb.conf out of its range',
  D307: 'a misspelt setting in influxdb.conf (warning)',
  D308: 'a command of influxd-ctl that cannot be read',
  D310: 'a version of InfluxDB Enterprise that is not known here',
  D320: 'a command or statement for another database',
  D330: 'a statement of InfluxQL that cannot be read, or that is not modelled',
  I301: 'an output of influxd-ctl of which nothing is known',
  I302: 'a line of an output of influxd-ctl that is not whole',
  I303: 'a shard with an owner that influxd-ctl show does not list',
  I304: 'a node or shard that stands twice in outputs of influxd-ctl',
} as const;

export type InfluxMistakeCode = keyof typeof INFLUXDB_MISTAKES;
