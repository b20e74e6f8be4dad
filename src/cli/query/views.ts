/**
 * The SQL behind the tables `runs`, `series` and `final`: one SELECT for each source, joined by column name. Tables are long, one
 * value a row. What narrows a value (`where` in the files: `cause=node_down,state=latent`) is called `part` here, as WHERE
 * is a word of SQL, and stands apart in a column for each of its members.
 */

/** Members that a place has, and the columns that show them. */
const MEMBERS: Readonly<Record<'runs' | 'series', readonly string[]>> = {
  runs: ['cause', 'state', 'node', 'table', 'origin', 'repair', 'healer', 'workload', 'probe'],
  series: ['cause', 'state', 'node', 'table', 'probe'],
};

/** `table` cannot be a column's name without quotes. */
export function memberColumn(member: string): string {
  return member === 'table' ? 'table_name' : member;
}

export function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function memberColumns(table: 'runs' | 'series', part: string): string {
  const columns = MEMBERS[table].map(
    (member) => `nullif(regexp_extract(${part}, '(?:^|,)${member}=([^,]*)', 1), '') AS ${memberColumn(member)}`,
  );
  return columns.join(', ');
}

const PART = quotedName('where');

/** From Parquet files, or from a table of the same columns. */
export function runsSelect(from: string): string {
  const members = memberColumns('runs', PART);
  return `SELECT * EXCLUDE (${PART}, value, unit), ${PART} AS part, ${members}, value, unit FROM ${from}`;
}

export function seriesSelect(from: string): string {
  const members = memberColumns('series', PART);
  return `SELECT * EXCLUDE (${PART}, value), ${PART} AS part, ${members}, value FROM ${from}`;
}

export function parquetFiles(paths: readonly string[]): string {
  return `read_parquet([${paths.map(textLiteral).join(', ')}], union_by_name = true)`;
}

export interface WideSeries {
  /** A table with `time_micros` and a column for each metric; and one with `name`, `metric`, `where` of these columns. */
  samples: string;
  columns: string;
  run_id: string;
  seed: string;
}

/** The series of one run, a value a row. */
export function wideSeriesSelect({ samples, columns, run_id: run, seed }: WideSeries): string {
  const long = `${samples} UNPIVOT INCLUDE NULLS (value FOR name IN (COLUMNS(* EXCLUDE time_micros)))`;
  const shared = `${textLiteral(run)} AS run_id, 0::BIGINT AS cell, ${textLiteral(seed)} AS seed`;
  return seriesSelect(
    `(SELECT ${shared}, time_micros AS at_micros, metric, ${PART}, value FROM ${long} JOIN ${columns} USING (name))`,
  );
}

export function view(name: string, selects: readonly string[]): string {
  return `CREATE VIEW ${name} AS ${selects.join(' UNION ALL BY NAME ')}`;
}

/** One row for each run, one column for each metric of the whole run. */
export function finalView(metrics: readonly string[]): string {
  const members = MEMBERS.runs.map(memberColumn).join(', ');
  const whole = `(SELECT * EXCLUDE (part, ${members}, unit) FROM runs WHERE part IS NULL)`;
  return `CREATE VIEW final AS SELECT * FROM ${whole} PIVOT (first(value) FOR metric IN (${metrics.map(textLiteral).join(', ')}))`;
}

/** The series of a run, read from its CSV; `names` are the columns behind `time_micros`. */
export function csvSamples(path: string, names: readonly string[]): string {
  const columns = ["'time_micros': 'BIGINT'", ...names.map((name) => `${textLiteral(name)}: 'DOUBLE'`)].join(', ');
  const options = `auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\n'`;
  return `read_csv(${textLiteral(path)}, ${options}, columns = {${columns}})`;
}
