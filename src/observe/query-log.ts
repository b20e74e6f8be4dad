/**
 * What an operator's indicators show, folded from the answers of queries that look on: flaps of dashboards, alerts that fire
 * and clear, how much a graph varies, counts and sizes on each owner. An alert is a rule over a dashboard's answers.
 */
import { RECORD } from '../data/records.ts';
import type { Plan, PlanPointProbe, PlanProbe } from '../scenario/plan.ts';
import type { PercentileResult, PointProbeResult } from './result.ts';

const KIND_SHIFT = 20;
const MEGA = 1 << 20;
const MINUTE = 60e6;
/** Answers over which a graph's variance is taken. */
const GRAPH_ANSWERS = 12;

interface Dashboard {
  answers: number;
  failed: number;
  flaps: number;
  mostFlaps: number;
  /** Of the last minute. */
  recent: number[];
  last: number[];
  latencies: number[];
  least: number;
  most: number;
}

interface Alert {
  fired: number;
  cleared: number;
  /** µs since when the threshold is passed, and since when it fires; −1: not. */
  since: number;
  firingSince: number;
  firingMicros: number;
}

interface Owners {
  samples: number;
  /** By node * tables + table. */
  values: Map<number, number>;
  mostSpread: number;
  /** Tables of which owners told something at this moment: owners are compared when all of them have. */
  touched: number[];
  atMicros: number;
}

export interface QueryLogState {
  dashboards: Dashboard[];
  alerts: Alert[];
  owners: (Omit<Owners, 'values'> & { values: [number, number][] })[];
  changes: number;
}

type OfKind<K extends PlanPointProbe['kind']> = [id: string, probe: Extract<PlanPointProbe, { kind: K }>];

export class QueryLog {
  /** Rises with every answer. */
  changes = 0;
  readonly #plan: Plan;
  readonly #ids: readonly string[];
  readonly #tables: number;
  /** By number of the probe; of another kind unused. */
  #dashboards: Dashboard[];
  #alerts: Alert[];
  #owners: Owners[];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#ids = pointProbesOf(plan).map(([id]) => id);
    this.#tables = plan.tables.length;
    this.#dashboards = this.#ids.map(newDashboard);
    this.#alerts = this.#ids.map(() => ({ fired: 0, cleared: 0, since: -1, firingSince: -1, firingMicros: 0 }));
    this.#owners = this.#ids.map(() => ({
      ...{ samples: 0, values: new Map<number, number>(), mostSpread: 0 },
      ...{ touched: [], atMicros: 0 },
    }));
  }

  /** True for a record that is about nothing else. */
  record(words: Int32Array, at: number, micros: number): boolean {
    const kind = words[at + 1] >>> KIND_SHIFT;
    if (kind < RECORD.queryAnswered || kind > RECORD.shardSized) return false;
    const node = words[at + 2] & 0xffff;
    const number = words[at + 2] >>> 16;
    const [a, b, c] = [words[at + 3], words[at + 4], words[at + 5]];
    if (kind === RECORD.queryAnswered) this.#answered(number, { value: a + b / 1e6, latency: c, micros });
    else if (kind === RECORD.queryFailed) this.#dashboards[number].failed += 1;
    else if (kind === RECORD.ownerCounted) this.#noted(number, { place: node * this.#tables + b, value: a, micros });
    else this.#noted(number, { place: node * this.#tables + c, value: a * MEGA + b, micros });
    this.changes += 1;
    return true;
  }

  #answered(number: number, { value, latency, micros }: { value: number; latency: number; micros: number }): void {
    const dashboard = this.#dashboards[number];
    const probe = this.#plan.probes[this.#ids[number]];
    const before = dashboard.last.at(-1);
    const tolerance = probe.kind === 'dashboard' ? probe.tolerance : 0;
    dashboard.recent = dashboard.recent.filter((at) => at > micros - MINUTE);
    if (before !== undefined && Math.abs(value - before) > tolerance * Math.max(Math.abs(value), Math.abs(before))) {
      dashboard.flaps += 1;
      dashboard.recent.push(micros);
      dashboard.mostFlaps = Math.max(dashboard.mostFlaps, dashboard.recent.length);
    }
    dashboard.answers += 1;
    dashboard.last = [...dashboard.last.slice(1 - GRAPH_ANSWERS), value];
    dashboard.latencies.push(latency);
    dashboard.least = Math.min(dashboard.least, value);
    dashboard.most = Math.max(dashboard.most, value);
    this.#ids.forEach((id, place) => {
      const alert = this.#plan.probes[id];
      if (alert.kind === 'alert' && alert.dashboard === this.#ids[number]) this.#judge(place, alert, { value, micros });
    });
  }

  #judge(
    place: number,
    { above, below, for_micros: forMicros }: Extract<PlanProbe, { kind: 'alert' }>,
    { value, micros }: { value: number; micros: number },
  ): void {
    const alert = this.#alerts[place];
    const passed = (above !== null && value > above) || (below !== null && value < below);
    if (!passed) {
      if (alert.firingSince >= 0) {
        alert.cleared += 1;
        alert.firingMicros += micros - alert.firingSince;
      }
      alert.since = -1;
      alert.firingSince = -1;
      return;
    }
    if (alert.since < 0) alert.since = micros;
    if (alert.firingSince >= 0 || micros - alert.since < forMicros) return;
    alert.firingSince = micros;
    alert.fired += 1;
  }

  #noted(number: number, { place, value, micros }: { place: number; value: number; micros: number }): void {
    const owners = this.#owners[number];
    if (micros > owners.atMicros) this.#compare(owners);
    owners.atMicros = micros;
    owners.samples += 1;
    if (value < 0) owners.values.delete(place);
    else owners.values.set(place, value);
    const table = place % this.#tables;
    if (!owners.touched.includes(table)) owners.touched.push(table);
  }

  #compare(owners: Owners): void {
    for (const table of owners.touched) owners.mostSpread = Math.max(owners.mostSpread, this.#spreadOf(table, owners));
    owners.touched = [];
  }

  /** How much less the smallest owner has than the largest, as a share of that. */
  #spreadOf(table: number, { values }: Owners): number {
    let [least, most, seen] = [Infinity, 0, 0];
    for (const [place, value] of values) {
      if (place % this.#tables !== table) continue;
      seen += 1;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return seen < 2 || most === 0 ? 0 : (most - least) / most;
  }

  /** The present value; NaN where the probe is not of this kind, or has not answered yet. */
  value(metric: string, id: string | undefined, { node, table }: { node: number; table: number }): number {
    const number = id === undefined ? 0 : this.#ids.indexOf(id);
    if (number < 0) return NaN;
    const dashboard = this.#dashboards[number];
    const alert = this.#alerts[number];
    const owners = this.#owners[number];
    switch (metric) {
      case 'query_value':
        return dashboard.last.at(-1) ?? NaN;
      case 'query_latency':
        return (dashboard.latencies.at(-1) ?? NaN) / 1e6;
      case 'graph_variance':
        return varianceOf(dashboard.last);
      case 'flaps_per_minute':
        return dashboard.answers === 0 ? NaN : dashboard.recent.length;
      case 'flaps':
        return dashboard.flaps;
      case 'queries_failed':
        return dashboard.failed;
      case 'alerts_fired':
        return alert.fired;
      case 'alert_transitions':
        return alert.fired + alert.cleared;
      case 'owner_points':
      case 'shard_bytes':
        return this.#sumOf(owners, node, table);
      default:
        return this.#spread(owners, table);
    }
  }

  #sumOf({ values }: Owners, node: number, table: number): number {
    let sum = NaN;
    for (const [place, value] of values) {
      const isMeant =
        (node < 0 || Math.floor(place / this.#tables) === node) && (table < 0 || place % this.#tables === table);
      if (isMeant) sum = (Number.isNaN(sum) ? 0 : sum) + value;
    }
    return sum;
  }

  #spread(owners: Owners, table: number): number {
    if (owners.values.size === 0) return NaN;
    if (table >= 0) return this.#spreadOf(table, owners);
    let most = 0;
    for (let each = 0; each < this.#tables; each += 1) most = Math.max(most, this.#spreadOf(each, owners));
    return most;
  }

  results(endMicros: number): Record<string, PointProbeResult> {
    return Object.fromEntries(this.#ids.map((id, number) => [id, this.#resultOf(id, number, endMicros)]));
  }

  #resultOf(id: string, number: number, endMicros: number): PointProbeResult {
    const { nodes, tables, probes } = this.#plan;
    const { kind } = probes[id];
    if (kind === 'dashboard') {
      const { answers, failed, flaps, mostFlaps, least, most, latencies } = this.#dashboards[number];
      const values = answers === 0 ? null : { least, most };
      return {
        ...{ kind, answers, failed, flaps, flaps_per_minute_most: mostFlaps, values },
        latency_micros: percentilesOf(latencies),
      };
    }
    if (kind === 'alert') {
      const { fired, cleared, firingSince, firingMicros } = this.#alerts[number];
      return { kind, fired, cleared, firing_micros: firingMicros + (firingSince < 0 ? 0 : endMicros - firingSince) };
    }
    this.#compare(this.#owners[number]);
    const { values, mostSpread, samples } = this.#owners[number];
    const owners: Record<string, Record<string, number>> = {};
    for (const [place, value] of [...values].sort(([left], [right]) => left - right))
      (owners[tables[place % this.#tables].id] ??= {})[nodes[Math.floor(place / this.#tables)].id] = value;
    return { kind: kind === 'size' ? 'size' : 'count', changes: samples, most_spread: mostSpread, owners };
  }

  save(): QueryLogState {
    return {
      dashboards: this.#dashboards.map(copyOfDashboard),
      alerts: this.#alerts.map((alert) => ({ ...alert })),
      owners: this.#owners.map(({ values, touched, ...owners }) => ({
        ...owners,
        touched: [...touched],
        values: [...values],
      })),
      changes: this.changes,
    };
  }

  load(state: QueryLogState): void {
    this.#dashboards = state.dashboards.map(copyOfDashboard);
    this.#alerts = state.alerts.map((alert) => ({ ...alert }));
    this.#owners = state.owners.map(({ values, touched, ...owners }) => ({
      ...owners,
      touched: [...touched],
      values: new Map(values),
    }));
    this.changes = state.changes;
  }
}

/** In the order in which records number them. */
export function pointProbesOf(plan: Plan): OfKind<PlanPointProbe['kind']>[] {
  const kinds = ['dashboard', 'alert', 'count', 'size'];
  const ids = Object.keys(plan.probes).sort((left, right) => (left < right ? -1 : 1));
  return ids.flatMap((id): OfKind<PlanPointProbe['kind']>[] => {
    const probe = plan.probes[id];
    return kinds.includes(probe.kind) ? [[id, probe as PlanPointProbe]] : [];
  });
}

function newDashboard(): Dashboard {
  return {
    ...{ answers: 0, failed: 0, flaps: 0, mostFlaps: 0, recent: [], last: [], latencies: [] },
    ...{ least: Infinity, most: -Infinity },
  };
}

function copyOfDashboard(dashboard: Dashboard): Dashboard {
  const { recent, last, latencies } = dashboard;
  return { ...dashboard, recent: [...recent], last: [...last], latencies: [...latencies] };
}

function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return NaN;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
}

/** Nearest rank. */
function percentilesOf(values: readonly number[]): PercentileResult | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999) };
}
