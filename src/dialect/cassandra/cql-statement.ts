/**
 * Reads the statements that an operator may run through `do: cql`: INSERT, UPDATE and DELETE of one given row or partition,
 * ALTER TABLE … WITH gc_grace_seconds and ALTER KEYSPACE … WITH replication. A small exact grammar: what CQL has beyond it is refused with its place, not
 * ignored. Tables have no schema here: the first column of a key is the partition's, the second the row in it; of other
 * columns g1, g2, … name the column groups of a table that has several.
 */
import type { PlacelessMistake, StatementContext, StatementResult, TextPart } from '../../scenario/dialect-rules.ts';
import type { PlanStatementOperation } from '../../scenario/plan.ts';

interface Token extends TextPart {
  kind: 'word' | 'number' | 'text' | 'sign' | 'end';
  text: string;
}

/** In turn: blanks and comments; a number; a text in quotes; a word; a sign. */
const PIECE = /\s+|--[^\n]*|(-?\d+(?:\.\d+)?)|'((?:[^']|'')*)'|"((?:[^"]|"")+)"|([A-Za-z_]\w*)|([^])/gy;

const NOT_MODELLED: Readonly<Record<string, string>> = {
  BEGIN: 'batches are written by a workload',
  TRUNCATE: 'TRUNCATE is not in this version of Reconverge',
  CREATE: 'tables are declared under data.tables',
  DROP: 'DROP is not in this version of Reconverge',
  SELECT: 'reads are probes',
};

/** Thrown within this file only: the first thing that is not what must stand there. */
class Refusal {
  readonly mistake: PlacelessMistake;
  constructor(mistake: PlacelessMistake) {
    this.mistake = mistake;
  }
}

export function readStatement(text: string, context: StatementContext): StatementResult {
  try {
    return { statement: new Reader(tokensOf(text), context).statement() };
  } catch (error) {
    if (error instanceof Refusal) return { mistakes: [error.mistake] };
    throw error;
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(PIECE)) {
    const [all, number, quoted, name, word, sign] = match;
    const part = { start: match.index, length: all.length };
    if (number !== undefined) tokens.push({ kind: 'number', text: number, ...part });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.replaceAll("''", "'"), ...part });
    else if (name !== undefined) tokens.push({ kind: 'word', text: name.replaceAll('""', '"'), ...part });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, ...part });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, ...part });
  }
  tokens.push({ kind: 'end', text: 'the end', start: text.length, length: 0 });
  return tokens;
}

type Table = StatementContext['tables'][number];

class Reader {
  readonly #tokens: readonly Token[];
  readonly #context: StatementContext;
  #at = 0;

  constructor(tokens: readonly Token[], context: StatementContext) {
    this.#tokens = tokens;
    this.#context = context;
  }

  statement(): NonNullable<Extract<StatementResult, { statement: unknown }>['statement']> {
    const first = this.#next();
    const name = first.text.toUpperCase();
    const read = { INSERT: this.#insert, UPDATE: this.#update, DELETE: this.#delete, ALTER: this.#alter }[name];
    if (first.kind !== 'word' || read === undefined)
      refuse('D231', NOT_MODELLED[name] ?? 'not a statement that an operator may run here', {
        expected: 'INSERT | UPDATE | DELETE | ALTER TABLE | ALTER KEYSPACE',
        token: first,
      });
    const statement = read.call(this);
    if (this.#peek().text === ';') this.#next();
    const rest = this.#peek();
    if (rest.kind !== 'end') this.#refuseRest(rest);
    return statement;
  }

  #insert(): ReturnType<Reader['statement']> {
    this.#word('INTO');
    const table = this.#table();
    const columns = this.#list((): Token => this.#name('a column'));
    this.#word('VALUES');
    const values = this.#list((): Token => this.#value());
    if (values.length !== columns.length)
      refuse('D230', `${columns.length} columns and ${values.length} values`, {
        expected: 'a value for each column',
        token: values[values.length - 1],
      });
    const keys = table.rowsPerPartition > 1 ? 2 : 1;
    if (columns.length < keys)
      refuse('D230', 'the row in the partition is missing', {
        expected: 'two columns of the key: the partition and the row in it',
        token: columns[0],
      });
    const place = { key: values[0], row: keys === 2 ? values[1] : null };
    const groups = columns.length === keys ? allGroups(table) : this.#groups(table, columns.slice(keys));
    return this.#write('insert', table, { ...place, groups, ttlSeconds: this.#using(true) });
  }

  #update(): ReturnType<Reader['statement']> {
    const table = this.#table();
    const ttlSeconds = this.#using(true);
    this.#word('SET');
    const columns: Token[] = [];
    do {
      columns.push(this.#name('a column'));
      this.#sign('=');
      this.#value();
    } while (this.#takes(','));
    const groups = this.#groups(table, columns);
    return this.#write('update', table, { ...this.#where(table, true), groups, ttlSeconds });
  }

  #delete(): ReturnType<Reader['statement']> {
    const columns: Token[] = [];
    while (this.#peek().text.toUpperCase() !== 'FROM') {
      columns.push(this.#name('a column, or FROM'));
      if (!this.#takes(',')) break;
    }
    this.#word('FROM');
    const table = this.#table();
    this.#using(false);
    const place = this.#where(table, columns.length > 0);
    if (columns.length > 0)
      return this.#write('delete_cell', table, { ...place, groups: this.#groups(table, columns), ttlSeconds: null });
    const operation = place.row === null && table.rowsPerPartition > 1 ? 'delete_partition' : 'delete';
    return this.#write(operation, table, { ...place, groups: allGroups(table), ttlSeconds: null });
  }

  #alter(): ReturnType<Reader['statement']> {
    const what = this.#name('TABLE or KEYSPACE');
    if (what.text.toUpperCase() === 'KEYSPACE') return this.#alterKeyspace();
    if (what.text.toUpperCase() !== 'TABLE') refuseToken(what, 'TABLE or KEYSPACE');
    const table = this.#table();
    this.#word('WITH');
    const option = this.#name('gc_grace_seconds');
    if (option.text.toLowerCase() !== 'gc_grace_seconds')
      refuse('D231', `ALTER TABLE … WITH ${option.text} is not in this version of Reconverge`, {
        expected: 'gc_grace_seconds',
        token: option,
      });
    this.#sign('=');
    const seconds = this.#whole('a whole number of seconds');
    return { kind: 'alter', table: table.id, gcGraceSeconds: seconds };
  }

  /** Whether there is such a keyspace, and room for so many copies, the reader of scenarios knows. */
  #alterKeyspace(): ReturnType<Reader['statement']> {
    const keyspace = this.#name('a keyspace');
    this.#word('WITH');
    const option = this.#name('replication');
    if (option.text.toLowerCase() !== 'replication')
      refuse('D231', `ALTER KEYSPACE … WITH ${option.text} is not in this version of Reconverge`, {
        expected: 'replication',
        token: option,
      });
    this.#sign('=');
    const { start } = this.#peek();
    const options = this.#map();
    const end = this.#tokens[this.#at - 1];
    const factors = factorsOf(options, end);
    const whole = { start, length: end.start + end.length - start };
    const parts = new Map(options.map(({ key, value }) => [key.text, spanOf(key, value)]));
    return {
      kind: 'alterKeyspace',
      keyspace: keyspace.text,
      replication: factors,
      parts: {
        keyspace: { start: keyspace.start, length: keyspace.length },
        replication: typeof factors === 'number' ? (parts.get(FACTOR) ?? whole) : whole,
        factors: Object.fromEntries(parts),
      },
    };
  }

  /** { 'key': value, … } */
  #map(): Option[] {
    this.#sign('{');
    const options: Option[] = [];
    do {
      const key = this.#next();
      if (key.kind !== 'text') refuseToken(key, 'a key in quotes');
      if (options.some((other) => other.key.text === key.text))
        refuse('D230', `${key.text} stands twice`, { expected: 'each key once', token: key });
      this.#sign(':');
      options.push({ key, value: this.#value() });
    } while (this.#takes(','));
    this.#sign('}');
    return options;
  }

  #write(
    operation: PlanStatementOperation,
    table: Table,
    { key, row, groups, ttlSeconds }: { key: Token; row: Token | null; groups: number; ttlSeconds: number | null },
  ): ReturnType<Reader['statement']> {
    return {
      ...{ kind: 'write' as const, operation, table: table.id, groups, ttlSeconds },
      key: this.#keyNumber(table, key),
      row: row === null ? 0 : this.#within(row, table.rowsPerPartition, `rows of a partition of ${table.id}`),
    };
  }

  // ---------------------------------------------------------------- parts

  #table(): Table {
    const first = this.#name('keyspace.table');
    this.#sign('.');
    const second = this.#name('a table');
    const id = `${first.text}.${second.text}`;
    const known = this.#context.tables.find((table) => table.id === id);
    if (known !== undefined) return known;
    const isKeyspace = this.#context.tables.some(({ keyspace }) => keyspace === first.text);
    return refuse(isKeyspace ? 'D209' : 'D208', `there is no table ${id}`, {
      expected: this.#context.tables.map((table) => table.id).join(' | '),
      token: { ...first, text: id, length: second.start + second.length - first.start },
    });
  }

  #where(table: Table, needsRow: boolean): { key: Token; row: Token | null } {
    this.#word('WHERE');
    const key = this.#equality();
    const hasRow = this.#peek().text.toUpperCase() === 'AND';
    if (hasRow) this.#next();
    const row = hasRow ? this.#equality() : null;
    if (row !== null && table.rowsPerPartition === 1)
      refuse('D230', `a partition of ${table.id} is one row: its key has one column`, {
        expected: 'one column of the key',
        token: row,
      });
    if (row === null && needsRow && table.rowsPerPartition > 1)
      refuse('D230', 'the row in the partition is missing', { expected: 'AND row = n', token: this.#peek() });
    return { key, row };
  }

  #equality(): Token {
    this.#name('a column of the key');
    const sign = this.#next();
    if (sign.text === '=') return this.#value();
    const isOther = ['<', '>', '!'].includes(sign.text) || sign.text.toUpperCase() === 'IN';
    return isOther
      ? refuse('D231', 'one row or partition a statement: ranges and lists are written by a workload', {
          expected: '=',
          token: sign,
        })
      : refuseToken(sign, '=');
  }

  /** USING TTL n; null where there is none. */
  #using(allowsTtl: boolean): number | null {
    if (this.#peek().text.toUpperCase() !== 'USING') return null;
    this.#next();
    const option = this.#name('TTL');
    if (option.text.toUpperCase() === 'TTL' && allowsTtl) return this.#whole('a whole number of seconds');
    return refuse('D231', `USING ${option.text.toUpperCase()} is not in this version of Reconverge`, {
      expected: allowsTtl ? 'USING TTL n' : 'WHERE',
      token: option,
    });
  }

  /** Of a table with one column group any column is of it. */
  #groups(table: Table, columns: readonly Token[]): number {
    if (table.columnGroups === 1) return 1;
    let groups = 0;
    for (const column of columns) {
      const number = /^g([1-8])$/.exec(column.text)?.[1];
      if (number === undefined || Number(number) > table.columnGroups)
        refuse('D230', `${table.id} has no column group "${column.text}"`, {
          expected: Array.from({ length: table.columnGroups }, (_, group) => `g${group + 1}`).join(' | '),
          token: column,
        });
      groups |= 1 << (Number(number) - 1);
    }
    return groups;
  }

  /** A named key by its text, a generated one by its number. */
  #keyNumber(table: Table, token: Token): number {
    const named = table.keyTexts?.indexOf(token.text) ?? -1;
    if (named >= 0) return named;
    if (token.kind === 'number') return this.#within(token, table.partitions, `keys of ${table.id}`);
    return refuse('D230', `${table.id} has no key '${token.text}'`, {
      expected: `a key number from 0 to ${table.partitions - 1}${table.keyTexts === undefined ? '' : ', or a key of its trace'}`,
      token,
    });
  }

  #within(token: Token, count: number, what: string): number {
    const value = Number(token.text);
    if (token.kind === 'number' && Number.isInteger(value) && value >= 0 && value < count) return value;
    return refuse('D230', `${token.text} is not one of the ${what}`, { expected: `0 to ${count - 1}`, token });
  }

  // ---------------------------------------------------------------- tokens

  #peek(): Token {
    return this.#tokens[this.#at];
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #takes(sign: string): boolean {
    if (this.#peek().text !== sign) return false;
    this.#next();
    return true;
  }

  #word(word: string): void {
    const token = this.#next();
    if (token.kind !== 'word' || token.text.toUpperCase() !== word) refuseToken(token, word);
  }

  #sign(sign: string): void {
    const token = this.#next();
    if (token.text !== sign) refuseToken(token, sign);
  }

  #name(what: string): Token {
    const token = this.#next();
    return token.kind === 'word' ? token : refuseToken(token, what);
  }

  #value(): Token {
    const token = this.#next();
    return token.kind === 'number' || token.kind === 'text' || token.kind === 'word'
      ? token
      : refuseToken(token, 'a value');
  }

  #whole(what: string): number {
    const token = this.#next();
    if (token.kind === 'number' && /^\d{1,9}$/.test(token.text)) return Number(token.text);
    return refuseToken(token, what);
  }

  #list(read: () => Token): Token[] {
    this.#sign('(');
    const list: Token[] = [];
    do list.push(read());
    while (this.#takes(','));
    this.#sign(')');
    return list;
  }

  #refuseRest(token: Token): never {
    const word = token.text.toUpperCase();
    if (word === 'IF')
      refuse('D231', 'lightweight transactions are not modelled', { expected: 'the end of the statement', token });
    if (word === 'AND')
      refuse('D231', 'nothing more in one statement', { expected: 'the end of the statement', token });
    return refuseToken(token, 'the end of the statement');
  }
}

interface Option {
  key: Token;
  value: Token;
}

const FACTOR = 'replication_factor';
const STRATEGY = /^(?:org\.apache\.cassandra\.locator\.)?(SimpleStrategy|NetworkTopologyStrategy)$/;

function spanOf(first: Token, last: Token): TextPart {
  return { start: first.start, length: last.start + last.length - first.start };
}

/** Of SimpleStrategy one number of copies, else one for each data centre that is named. */
function factorsOf(options: readonly Option[], end: Token): number | Record<string, number> {
  const name = options.find(({ key }) => key.text === 'class')?.value;
  if (name === undefined)
    return refuse('D230', 'the replication has no class', {
      expected: "'class': 'NetworkTopologyStrategy'",
      token: end,
    });
  const strategy = STRATEGY.exec(name.text)?.[1];
  if (strategy === undefined)
    return refuse('D231', `${name.text} is no strategy of replication, or not in this version of Reconverge`, {
      expected: 'SimpleStrategy | NetworkTopologyStrategy',
      token: name,
    });
  const others = options.filter(({ value }) => value !== name);
  return strategy === 'SimpleStrategy' ? simpleFactor(others, end) : factorsByDc(others, end);
}

function simpleFactor(options: readonly Option[], end: Token): number {
  const foreign = options.find(({ key }) => key.text !== FACTOR);
  if (foreign !== undefined)
    return refuse('D230', `SimpleStrategy has no option ${foreign.key.text}`, { expected: FACTOR, token: foreign.key });
  if (options.length === 0)
    return refuse('D230', 'SimpleStrategy needs a number of copies', { expected: `'${FACTOR}': n`, token: end });
  return factorOf(options[0].value);
}

function factorsByDc(options: readonly Option[], end: Token): Record<string, number> {
  const factor = options.find(({ key }) => key.text === FACTOR);
  if (factor !== undefined)
    return refuse('D231', `${FACTOR} for all data centres is not in this version of Reconverge`, {
      expected: 'a number of copies for each data centre by its name',
      token: factor.key,
    });
  if (options.length === 0) return refuse('D230', 'no data centre is named', { expected: "'dc1': n", token: end });
  return Object.fromEntries(options.map(({ key, value }) => [key.text, factorOf(value)]));
}

/** Numbers may stand in quotes. */
function factorOf(token: Token): number {
  if (/^\d{1,4}$/.test(token.text)) return Number(token.text);
  if (/^\d+\/\d+$/.test(token.text))
    return refuse('D231', 'transient replication is not modelled', { expected: 'a number of copies', token });
  return refuseToken(token, 'a number of copies');
}

function allGroups({ columnGroups }: Table): number {
  return (1 << columnGroups) - 1;
}

function refuseToken(token: Token, expected: string): never {
  const found = token.kind === 'end' ? 'the end' : `"${token.text}"`;
  return refuse('D230', `${found} where ${expected} must stand`, { expected, token });
}

function refuse(code: string, message: string, { expected, token }: { expected: string; token: Token }): never {
  const part = { start: token.start, length: Math.max(1, token.length) };
  throw new Refusal({ code, message, expected, found: token.text, within: part });
}
