/**
 * Reads the statements of InfluxQL that an operator may run through `do: influxql`: DROP MEASUREMENT, DROP SERIES, DELETE, DROP
 * SHARD, DROP RETENTION POLICY and DROP DATABASE (influxdb.4). A small exact grammar: what InfluxQL has beyond it is refused with its place, not ignored.
 */
import type { PlacelessMistake, PointQuery, PointStatement, PointTime } from '../../../scenario/dialect-rules.ts';
import { instantMicros } from '../instants.ts';
import { durationMicros, refuse, Refusal, tokensOf, type Token } from './tokens.ts';

export type PointStatementResult = { statement: PointStatement } | { mistakes: PlacelessMistake[] };

/** By upper-case beginnings: what this version refuses in words. */
const LATER: Readonly<Record<string, string>> = {
  SELECT: 'queries are probes',
  SHOW: 'what the database shows is a view, not an operation',
  CREATE: 'databases and policies are declared under data.databases',
  ALTER: 'a change of a retention policy is not in this version of Reconverge',
};
const LATER_DROPS: Readonly<Record<string, string>> = {
  CONTINUOUS: 'there are no continuous queries in this version of Reconverge',
};
const STATEMENTS = 'DROP MEASUREMENT | DROP SERIES | DELETE | DROP SHARD | DROP RETENTION POLICY | DROP DATABASE';

interface Series {
  measurement: string;
  tags: ReadonlyMap<string, string>;
}
type Condition = (series: Series) => boolean;
interface Stretch {
  from: PointTime | null;
  until: PointTime | null;
}

export function readPointStatement(text: string): PointStatementResult {
  try {
    return { statement: new Reader(text).statement() };
  } catch (error) {
    if (error instanceof Refusal) return { mistakes: [error.mistake] };
    throw error;
  }
}

/** `mean usage_idle of cpu where host = 'web-17'`, or the same as SELECT. */
export function readPointQuery(text: string): { query: PointQuery } | { mistakes: PlacelessMistake[] } {
  try {
    return { query: new Reader(text).query() };
  } catch (error) {
    if (error instanceof Refusal) return { mistakes: [error.mistake] };
    throw error;
  }
}

const AGGREGATES = ['count', 'sum', 'mean', 'min', 'max'] as const;

/** Is the series meant? Its key is `measurement,tag=value,…`. */
function onSeries(conditions: readonly Condition[]): (key: string) => boolean {
  return (key) => {
    const [measurement, ...pairs] = key.split(',');
    const tags = new Map(pairs.map((pair) => pair.split('=', 2) as [string, string]));
    return conditions.every((holds) => holds({ measurement, tags }));
  };
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  statement(): PointStatement {
    const first = this.#next();
    const word = first.kind === 'word' ? first.text.toUpperCase() : '';
    if (word !== 'DROP' && word !== 'DELETE')
      refuse(first, LATER[word] ?? 'not a statement that an operator may run here', STATEMENTS);
    const statement = word === 'DELETE' ? this.#delete() : this.#drop();
    if (this.#peek().text === ';') this.#next();
    if (this.#peek().kind !== 'end') refuse(this.#peek(), 'the statement ends before this', 'nothing more');
    return statement;
  }

  /** All points have one field, so its name says nothing. */
  query(): PointQuery {
    const isSelect = this.#takes('SELECT');
    const first = this.#next();
    const aggregate = AGGREGATES.find((name) => name === first.text.toLowerCase());
    if (aggregate === undefined) return refuse(first, 'not an aggregate that a probe knows', AGGREGATES.join(' | '));
    if (isSelect) {
      this.#sign('(');
      if (!this.#takes('*')) this.#name('a field');
      this.#sign(')');
      this.#sign('FROM');
    } else if (!this.#takes('OF')) {
      this.#name('a field');
      this.#sign('OF');
    }
    const conditions = [this.#sources()];
    const times: TimeTerm[] = [];
    if (this.#takes('WHERE')) conditions.push(this.#either(times, true));
    if (times.length > 0) refuse(times[0].token, 'the stretch of time stands beside the query', 'over, ago, or during');
    if (this.#peek().kind !== 'end') refuse(this.#peek(), 'the query ends before this', 'nothing more');
    return { aggregate, matches: onSeries(conditions) };
  }

  #drop(): PointStatement {
    const what = this.#next();
    switch (what.text.toUpperCase()) {
      case 'MEASUREMENT': {
        const wanted = this.#name('a measurement');
        return deletion([({ measurement }) => measurement === wanted], { from: null, until: null });
      }
      case 'SERIES':
        return this.#dropSeries();
      case 'SHARD': {
        const number = this.#next();
        if (number.kind !== 'number') refuse(number, 'DROP SHARD takes the number of a shard', 'a number');
        return { kind: 'dropShard', number: Number(number.text) };
      }
      case 'RETENTION': {
        this.#sign('POLICY');
        const policy = this.#name('a retention policy');
        this.#sign('ON');
        return { kind: 'dropPolicy', database: this.#name('a database'), policy };
      }
      case 'DATABASE':
        return { kind: 'dropPolicy', database: this.#name('a database'), policy: null };
      default:
        return refuse(what, LATER_DROPS[what.text.toUpperCase()] ?? 'nothing that can be dropped here', STATEMENTS);
    }
  }

  #dropSeries(): PointStatement {
    const { conditions, times } = this.#selection();
    if (times.length > 0) refuse(times[0].token, "DROP SERIES doesn't support time in WHERE clause", 'tags only');
    return deletion(conditions, { from: null, until: null });
  }

  /** influxdb.4: without a time DELETE takes what is older than now. */
  #delete(): PointStatement {
    const { conditions, times } = this.#selection();
    const stretch: Stretch = { from: null, until: null };
    for (const { operator, micros, fromNow } of times) {
      const at = (plus: number): PointTime => ({ fromNow, micros: micros + plus });
      if (operator === '>' || operator === '>=' || operator === '=') stretch.from = at(operator === '>' ? 1 : 0);
      if (operator === '<' || operator === '<=' || operator === '=') stretch.until = at(operator === '<' ? 0 : 1);
    }
    return deletion(conditions, { ...stretch, until: stretch.until ?? { fromNow: true, micros: 0 } });
  }

  #selection(): { conditions: Condition[]; times: TimeTerm[] } {
    const conditions: Condition[] = [];
    const first = this.#peek();
    if (this.#takes('FROM')) conditions.push(this.#sources());
    const times: TimeTerm[] = [];
    if (this.#takes('WHERE')) conditions.push(this.#either(times, true));
    else if (conditions.length === 0) refuse(first, 'all series would be meant', 'FROM a measurement, or WHERE');
    return { conditions, times };
  }

  #sources(): Condition {
    const wanted: Condition[] = [];
    do {
      if (this.#peek().kind === 'sign' && this.#peek().text === '/')
        refuse(this.#peek(), 'a pattern of measurements is not in this version of Reconverge', 'a measurement');
      const name = this.#name('a measurement');
      wanted.push(({ measurement }) => measurement === name);
    } while (this.#takes(','));
    return (series) => wanted.some((holds) => holds(series));
  }

  /** Terms with OR between them; times only where all of them must hold. */
  #either(times: TimeTerm[], isTop: boolean): Condition {
    const before = times.length;
    const all = [this.#both(times, isTop)];
    while (this.#takes('OR')) {
      if (times.length > before) refuse(times[before].token, 'a time beside OR', 'time joined by AND');
      all.push(this.#both(times, false));
    }
    return (series) => all.some((holds) => holds(series));
  }

  #both(times: TimeTerm[], isTop: boolean): Condition {
    const all = [this.#term(times, isTop)];
    while (this.#takes('AND')) all.push(this.#term(times, isTop));
    return (series) => all.every((holds) => holds(series));
  }

  #term(times: TimeTerm[], isTop: boolean): Condition {
    if (this.#takes('(')) {
      const inner = this.#either(times, isTop);
      this.#sign(')');
      return inner;
    }
    const token = this.#peek();
    const tag = this.#name('a tag, or time');
    if (token.kind === 'word' && tag.toLowerCase() === 'time') {
      if (!isTop) refuse(token, 'a time beside OR', 'time joined by AND');
      times.push(this.#time(token));
      return () => true;
    }
    return this.#tag(tag);
  }

  #tag(tag: string): Condition {
    const operator = this.#next();
    const value = this.#next();
    const own = ({ tags }: Series): string => tags.get(tag) ?? '';
    if (operator.text === '=~' || operator.text === '!~') {
      if (value.kind !== 'pattern') refuse(value, 'a regular expression is wanted', '/expression/');
      const pattern = patternOf(value);
      return (series) => pattern.test(own(series)) === (operator.text === '=~');
    }
    if (!['=', '!=', '<>'].includes(operator.text)) refuse(operator, 'tags are compared so', '= | != | =~ | !~');
    if (value.kind !== 'text') refuse(value, 'the value of a tag stands in single quotes', "'value'");
    return (series) => (own(series) === value.text) === (operator.text === '=');
  }

  #time(token: Token): TimeTerm {
    const operator = this.#next();
    if (!['<', '<=', '>', '>=', '='].includes(operator.text))
      refuse(operator, 'times are compared so', '< | <= | > | >= | =');
    const value = this.#next();
    if (value.kind === 'word' && value.text.toLowerCase() === 'now') {
      this.#sign('(');
      this.#sign(')');
      return { token, operator: operator.text, fromNow: true, micros: this.#shift() };
    }
    if (value.kind === 'text') {
      const micros = instantOf(value);
      return { token, operator: operator.text, fromNow: false, micros: micros + this.#shift() };
    }
    if (value.kind !== 'number' && value.kind !== 'duration')
      refuse(value, 'a time is wanted', "now(), '2026-03-02T00:00:00Z', or nanoseconds since 1970");
    const micros = value.kind === 'number' ? Math.floor(Number(value.text) / 1000) : durationMicros(value.text);
    return { token, operator: operator.text, fromNow: false, micros };
  }

  /** `- 1h` behind a time. */
  #shift(): number {
    const sign = this.#peek().text;
    if (sign !== '-' && sign !== '+') return 0;
    this.#next();
    const by = this.#next();
    if (by.kind !== 'duration') refuse(by, 'a duration is wanted', 'such as 1h');
    return durationMicros(by.text) * (sign === '-' ? -1 : 1);
  }

  #name(what: string): string {
    const token = this.#next();
    if (token.kind !== 'word' && token.kind !== 'name') refuse(token, `${what} is wanted`, 'a name');
    return token.text;
  }

  #sign(text: string): void {
    if (!this.#takes(text)) refuse(this.#peek(), `"${text}" is missing`, text);
  }

  #takes(text: string): boolean {
    const token = this.#peek();
    if ((token.kind !== 'word' && token.kind !== 'sign') || token.text.toUpperCase() !== text) return false;
    this.#at += 1;
    return true;
  }

  #peek(): Token {
    return this.#tokens[this.#at];
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }
}

interface TimeTerm {
  token: Token;
  operator: string;
  fromNow: boolean;
  micros: number;
}

function deletion(conditions: readonly Condition[], { from, until }: Stretch): PointStatement {
  return { kind: 'deletePoints', matches: onSeries(conditions), from, until };
}

function patternOf(token: Token): RegExp {
  try {
    return new RegExp(token.text.replaceAll('\\/', '/'), 'u');
  } catch {
    return refuse(token, 'not a regular expression', '/expression/');
  }
}

/** RFC 3339, or a date, or both with a blank between and without a zone. */
function instantOf(token: Token): number {
  const text = token.text.replace(/^(\d{4}-\d{2}-\d{2})$/, '$1T00:00:00').replace(' ', 'T');
  return instantMicros(text.replace(/Z?$/, 'Z')) ?? refuse(token, 'not an instant', "'2026-03-02T00:00:00Z'");
}
