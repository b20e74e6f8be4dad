/**
 * What a real cluster calls things that a plan only numbers: addresses, host ids, time UUIDs, file names. All follow from
 * the plan by fixed rules: a node that was imported has its address, any other the next of 127.0.0.1, 127.0.0.2, … (254 to
 * each third octet) in the order of the plan; UUIDs are made of virtual time, number and node, so they are the same in every
 * run of the plan and name nothing outside it.
 */
import { hashText, hex32, mixInto } from '../base/mix.ts';
import type { Run } from '../data/run.ts';
import { isAtLeast } from '../dialect/cassandra/versions.ts';
import type { CassandraLine } from '../dialect/cassandra/versions.ts';
import type { Plan, PlanReplication, PlanTable } from '../scenario/plan.ts';
import type { OperatorClock } from './operator-clock.ts';

const HOSTS_PER_OCTET = 254;
const PORT = 7000;

export class Names {
  readonly addresses: readonly string[];
  readonly #plan: Plan;
  readonly #line: CassandraLine;
  readonly #clock: OperatorClock;
  readonly #seed: number;

  constructor(plan: Plan, line: CassandraLine, clock: OperatorClock) {
    this.#plan = plan;
    this.#line = line;
    this.#clock = clock;
    this.#seed = hashText(plan.seed);
    this.addresses = plan.nodes.map(
      ({ address }, index) => address?.replace(/^(\d[\d.]*):\d+$/, '$1') ?? loopback(index),
    );
  }

  /** With the port of the other nodes, as since 4.0: `127.0.0.1:7000`. */
  withPort(node: number): string {
    const address = this.addresses[node];
    return address.includes(':') ? `[${address}]:${PORT}` : `${address}:${PORT}`;
  }

  /** As Java writes an endpoint: `/127.0.0.1`, since 4.0 with its port. */
  endpoint(node: number): string {
    return `/${isAtLeast(this.#line, '4.0') ? this.withPort(node) : this.addresses[node]}`;
  }

  hostId(node: number): string {
    return randomUuid(this.#seed, `host ${this.#plan.nodes[node].id}`);
  }

  /** Of the replications as they are at a moment. */
  schemaVersion(replicationOf: (table: PlanTable) => PlanReplication): string {
    const tables = this.#plan.tables.map((table) => [table.id, replicationOf(table)]);
    return randomUuid(hashText(JSON.stringify(tables)), 'schema');
  }

  /** A time UUID: of virtual time, of a number that tells apart what is made at the same moment, and of the node. */
  timeUuid(micros: number, id: number, node: number): string {
    const ticks = this.#clock.uuidTicks(micros).toString(16).padStart(15, '0');
    const host = mixInto(this.#seed, hashText(this.#plan.nodes[node].id));
    const clockSequence = (0x8000 | (id & 0x3fff)).toString(16);
    return `${ticks.slice(7)}-${ticks.slice(3, 7)}-1${ticks.slice(0, 3)}-${clockSequence}-${hex32(host)}${hex32(mixInto(host, 1)).slice(4)}`;
  }

  /** Path of the data file of a run. */
  dataFile(run: Pick<Run, 'id' | 'table'>): string {
    const { keyspace, name, id } = this.#plan.tables[run.table];
    const folder = `${name}-${randomUuid(this.#seed, `table ${id}`).replaceAll('-', '')}`;
    const file = isAtLeast(this.#line, '2.2')
      ? `${formatOf(this.#line)}-${run.id}-big-Data.db`
      : oldFile(keyspace, name, run.id, this.#line);
    return `/var/lib/cassandra/data/${keyspace}/${folder}/${file}`;
  }

  /** cassandra.e10: `<host id of the target>-<timestamp>-<version>.hints`. */
  hintsFile(target: number, createdMicros: number): string {
    return `${this.hostId(target)}-${this.#clock.millis(createdMicros)}-${isAtLeast(this.#line, '4.0') ? 2 : 1}.hints`;
  }

  /** A sentence of the model with its ids of nodes as endpoints. */
  withEndpoints(sentence: string): string {
    return sentence.replace(/[A-Za-z][A-Za-z0-9-]*/g, (word) => {
      const node = this.#plan.nodes.findIndex(({ id }) => id === word);
      return node < 0 ? word : this.endpoint(node);
    });
  }
}

function loopback(index: number): string {
  return `127.0.${Math.floor(index / HOSTS_PER_OCTET)}.${(index % HOSTS_PER_OCTET) + 1}`;
}

/** Looks like a random UUID; is a hash. */
function randomUuid(seed: number, text: string): string {
  const words = [1, 2, 3, 4].map((lane) => hex32(mixInto(hashText(text, seed), lane)));
  const [first, second, third, fourth] = words;
  const variant = '89ab'[parseInt(third[0], 16) & 3];
  return `${first}-${second.slice(0, 4)}-4${second.slice(5)}-${variant}${third.slice(1, 4)}-${third.slice(4)}${fourth}`;
}

/** Version of the format of data files that the line writes. */
function formatOf(line: CassandraLine): string {
  if (line === '2.2') return 'lb';
  if (line === '3.0' || line === '3.11') return 'me';
  return 'nb';
}

function oldFile(keyspace: string, name: string, id: number, line: CassandraLine): string {
  return `${keyspace}-${name}-${line === '2.0' ? 'jb' : 'ka'}-${id}-Data.db`;
}
