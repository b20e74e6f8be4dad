/**
 * Resolves every time of a scenario: references between entries (with cycle detection), instants, draws from the seed.
 * An entry that an edit has removed keeps the times it had before, so that what refers to it stays where it was.
 * Answers null where a mistake has been reported already.
 */
import { DEFAULT_BATCH } from '../base/point-count.ts';
import { ASSUMED_EPOCH_MICROS, firings } from './cron.ts';
import type { Cron } from './cron.ts';
import { drawMicros } from './draw.ts';
import { isLasting } from './fault-input.ts';
import { nearestName } from './nearest.ts';
import { tableWorkloads } from './table-workloads.ts';
import type { MistakeList, Path } from './places.ts';
import type { Plan } from './plan.ts';
import type { Scenario, ScenarioRepair } from './schema/scenario.ts';
import { purposeOf, seedFor } from './seed-purposes.ts';
import { SECTIONS_WITH_TIMES } from './time-text.ts';
import type { Draw, TimeBase, TimeExpression, TimedSection } from './time-text.ts';
import { durationText } from './units.ts';

/** µs from the start of the run; `end` is null where it is not known before the run, or where nothing ends it. */
export interface KeptTimes {
  start: number | null;
  end: number | null;
}

export interface TimesOptions {
  scenario: Scenario;
  seed: string;
  seeds?: Plan['seeds'];
  /** µs since 1970 of time 0. */
  epochMicros: number | null;
  /** Times of entries that are no longer in the scenario, by `faults.id`. */
  kept: Readonly<Record<string, KeptTimes>>;
  list: MistakeList;
}

export class Times {
  readonly #options: TimesOptions;
  readonly #known = new Map<string, number | null>();
  readonly #underWay: string[] = [];
  /** Ids of removed entries whose kept times were used. */
  readonly used = new Set<string>();
  readonly endMicros: number;

  constructor(options: TimesOptions) {
    this.#options = options;
    this.endMicros = options.scenario.duration + (options.scenario.settle ?? DEFAULT_SETTLE_MICROS);
  }

  /** µs of an expression that stands at `path`, not negative. */
  resolve(expression: TimeExpression, path: Path): number | null {
    const micros = this.#value(expression, path);
    if (micros === null || micros >= 0) return micros;
    this.#options.list.add(path, {
      code: 'S140',
      message: `${String(path.at(-1))} lies ${durationText(-micros)} before the start of the run`,
      expected: 'a time not before 0',
    });
    return null;
  }

  /** Start or end of an entry; null where it has none or a mistake is reported. */
  edge(section: TimedSection, id: string, edge: 'start' | 'end'): number | null {
    const key = `${section}.${id}.${edge}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#underWay.includes(key)) return this.#cycle(key, section, id);
    this.#underWay.push(key);
    const micros = edge === 'start' ? this.#start(section, id) : this.#end(section, id);
    this.#underWay.pop();
    this.#known.set(key, micros);
    return micros;
  }

  /** Is this an entry, or was it one before an edit took it away? */
  exists(section: string, id: string): boolean {
    const entries = (this.#options.scenario as Record<string, unknown>)[section];
    if (typeof entries === 'object' && entries !== null && Object.hasOwn(entries, id)) return true;
    return this.#keptTimes(section, id) !== null;
  }

  /** All times, for edits that remove entries. */
  all(): Record<string, KeptTimes> {
    const kept: Record<string, KeptTimes> = {};
    for (const section of SECTIONS_WITH_TIMES) {
      for (const id of Object.keys(this.#options.scenario[section] ?? {})) {
        kept[`${section}.${id}`] = { start: this.edge(section, id, 'start'), end: this.edge(section, id, 'end') };
      }
    }
    for (const id of Object.keys(this.#options.scenario.probes ?? {}))
      kept[`probes.${id}`] = { start: null, end: null };
    return kept;
  }

  #value(expression: TimeExpression, path: Path): number | null {
    if (expression.kind === 'draw') {
      const after = expression.after === null ? 0 : this.#value(expression.after, path);
      return after === null
        ? null
        : after + drawMicros(this.#seedOf(String(path[0])), path.join('.'), this.#checkedDraw(expression.draw, path));
    }
    const base = this.#base(expression.base, path);
    return base === null ? null : base + expression.plus;
  }

  #seedOf(section: string): string {
    return seedFor(this.#options, purposeOf(section));
  }

  #checkedDraw<D extends { kind: string }>(draw: D, path: Path): D {
    if ('min' in draw && 'max' in draw && Number(draw.min) > Number(draw.max)) {
      this.#options.list.add(path, {
        code: 'S117',
        message: 'the least of a uniform draw lies above its most',
        expected: '[least, most]',
      });
      return { ...draw, max: draw.min };
    }
    return draw;
  }

  #base(base: TimeBase, path: Path): number | null {
    const { epochMicros, list } = this.#options;
    switch (base.kind) {
      case 'offset':
        return base.micros;
      case 'end':
        return this.endMicros;
      case 'instant':
        if (epochMicros !== null) return base.epochMicros - epochMicros;
        list.add(path, {
          code: 'S129',
          message: 'an instant needs the start of the run',
          expected: 'start: an ISO instant, at the top of the scenario',
        });
        return null;
      case 'reference':
        return this.#reference(base, path);
    }
  }

  #reference({ section, id, edge }: Extract<TimeBase, { kind: 'reference' }>, path: Path): number | null {
    const entries = this.#options.scenario[section] ?? {};
    if (!Object.hasOwn(entries, id)) return this.#removed({ section, id, edge }, path);
    const micros = this.edge(section, id, edge);
    if (micros === null && !this.#hasEdge(section, id, edge)) this.#noEdge(`${section}.${id}`, edge, path);
    return micros;
  }

  #removed(
    { section, id, edge }: { section: TimedSection; id: string; edge: 'start' | 'end' },
    path: Path,
  ): number | null {
    const kept = this.#keptTimes(section, id);
    if (kept !== null) {
      this.used.add(`${section}.${id}`);
      if (kept[edge] === null) this.#noEdge(`${section}.${id}`, edge, path);
      return kept[edge];
    }
    if (this.#options.list.silenced.has(id)) return null;
    const names = Object.keys(this.#options.scenario[section] ?? {});
    const better = nearestName(id, names);
    const finding = {
      code: 'S134',
      message: `no "${id}" in ${section}`,
      expected: names.length === 0 ? `an entry of ${section}` : `one of ${names.join(', ')}`,
      found: `${section}.${id}.${edge}`,
    };
    this.#options.list.add(
      path,
      better === null ? finding : { ...finding, suggestion: `${section}.${better}.${edge}` },
    );
    return null;
  }

  #keptTimes(section: string, id: string): KeptTimes | null {
    const key = `${section}.${id}`;
    return Object.hasOwn(this.#options.kept, key) ? this.#options.kept[key] : null;
  }

  #noEdge(entry: string, edge: string, path: Path): void {
    const why =
      entry.startsWith('repairs.') || entry.startsWith('operations.')
        ? 'is not known before the run'
        : 'does not exist: it lasts to the end of the run';
    this.#options.list.add(path, {
      code: 'S136',
      message: `the ${edge} of ${entry} ${why}`,
      expected: `${entry}.start, or another time`,
    });
  }

  /** Does the entry have this edge at all? One that it has and that is still null was reported as a mistake. */
  #hasEdge(section: TimedSection, id: string, edge: 'start' | 'end'): boolean {
    const { faults, repairs } = this.#options.scenario;
    if (section === 'operations') return edge === 'start' || this.#lastsUntil(id) !== null;
    if (section === 'repairs') return edge === 'start' && repairs !== undefined && hasStart(repairs[id]);
    const fault = section === 'faults' ? faults?.[id] : undefined;
    if (fault === undefined || edge === 'start') return true;
    return isLasting(fault) && (fault.for !== undefined || fault.until !== undefined);
  }

  #cycle(key: string, section: string, id: string): null {
    const chain = [...this.#underWay.slice(this.#underWay.indexOf(key)), key].join(' → ');
    this.#options.list.add([section, id], {
      code: 'S135',
      message: `times refer to each other in a circle: ${chain}`,
      expected: 'references that end at an offset',
    });
    return null;
  }

  #start(section: TimedSection, id: string): number | null {
    const { scenario } = this.#options;
    if (section === 'workload') {
      const from = scenario.workload?.[id].from;
      return from === undefined ? 0 : this.resolve(from, [section, id, 'from']);
    }
    if (section === 'operations') return this.#operationStart(id);
    const entry = section === 'faults' ? scenario.faults?.[id] : scenario.repairs?.[id];
    if (entry === undefined) return null;
    if ('at' in entry && entry.at !== undefined) return this.resolve(entry.at, [section, id, 'at']);
    if ('after' in entry) return this.#batchStart(entry.after);
    if ('repair' in entry && entry.repair === 'auto') return AUTO_REPAIR_DELAY_MICROS;
    if ('repair' in entry && entry.repair === 'algorithm') return 0;
    if ('schedule' in entry && entry.schedule !== undefined) return this.firings(entry.schedule, 1)[0] ?? null;
    return 'every' in entry ? (entry.every ?? null) : null;
  }

  /** When a calendar fires while clients still run, at most so many times. */
  firings(cron: Cron, most: number): number[] {
    const { epochMicros, scenario } = this.#options;
    const epoch = epochMicros ?? ASSUMED_EPOCH_MICROS;
    return firings(cron, { epochMicros: epoch, fromMicros: 0, untilMicros: scenario.duration, most });
  }

  /** When it would fire next, if the run went on for years; null: it never does. */
  firingAfterRun(cron: Cron): number | null {
    const { epochMicros, scenario } = this.#options;
    const window = { fromMicros: scenario.duration, untilMicros: scenario.duration + YEARS_MICROS, most: 1 };
    return firings(cron, { epochMicros: epochMicros ?? ASSUMED_EPOCH_MICROS, ...window })[0] ?? null;
  }

  #operationStart(id: string): number | null {
    const operation = this.#options.scenario.operations?.[id];
    return operation === undefined ? null : this.resolve(operation.at, ['operations', id, 'at']);
  }

  /** The operation of this name where it says how long it lasts. */
  #lastsUntil(id: string): { until?: TimeExpression | undefined; for?: Draw | undefined } | null {
    const operation = this.#options.scenario.operations?.[id];
    if (operation === undefined || !('until' in operation || 'for' in operation)) return null;
    return operation.until === undefined && operation.for === undefined ? null : operation;
  }

  #operationEnd(id: string): number | null {
    const lasts = this.#lastsUntil(id);
    if (lasts === null) return null;
    if (lasts.until !== undefined) return this.resolve(lasts.until, ['operations', id, 'until']);
    const start = this.edge('operations', id, 'start');
    if (start === null || lasts.for === undefined) return null;
    const drawn = this.#checkedDraw(lasts.for, ['operations', id, 'for']);
    return start + drawMicros(this.#seedOf('operations'), `operations.${id}.for`, drawn);
  }

  /** The nominal moment of a batch; for Poisson arrivals its mean. */
  #batchStart(after: { batch: string; index?: number | undefined }): number | null {
    const { scenario } = this.#options;
    const workloads = tableWorkloads(scenario);
    const points = scenario.workload?.[after.batch];
    if (points !== undefined && 'into' in points) return this.#requestStart(after, points);
    if (!Object.hasOwn(workloads, after.batch)) return null;
    const workload = workloads[after.batch];
    const start = this.edge('workload', after.batch, 'start');
    if (start === null || workload.rate.kind === 'trace' || workload.rate.perSecond === 0) return start;
    return start + Math.floor(((after.index ?? 0) * 1e6) / workload.rate.perSecond);
  }

  /** Of a request of many points: with its last one, about. */
  #requestStart(
    { batch: id, index = 0 }: { batch: string; index?: number | undefined },
    { rate, batch = DEFAULT_BATCH }: { rate: number; batch?: number | undefined },
  ): number | null {
    const start = this.edge('workload', id, 'start');
    return start === null || rate === 0 ? start : start + Math.floor(((index + 1) * batch * 1e6) / rate);
  }

  #end(section: TimedSection, id: string): number | null {
    const { scenario } = this.#options;
    if (section === 'repairs') return null;
    if (section === 'operations') return this.#operationEnd(id);
    if (section === 'workload') {
      const until = scenario.workload?.[id].until;
      return until === undefined ? scenario.duration : this.resolve(until, [section, id, 'until']);
    }
    const fault = scenario.faults?.[id];
    if (fault === undefined || !isLasting(fault)) return null;
    if (fault.until !== undefined) return this.resolve(fault.until, [section, id, 'until']);
    const start = fault.for === undefined ? null : this.edge('faults', id, 'start');
    if (start === null || fault.for === undefined) return null;
    return (
      start + drawMicros(this.#seedOf('faults'), `faults.${id}.for`, this.#checkedDraw(fault.for, [section, id, 'for']))
    );
  }
}

export const DEFAULT_SETTLE_MICROS = 60_000_000;

/** Initial delay of auto-repair after a start. */
const AUTO_REPAIR_DELAY_MICROS = 300_000_000;
/** Nine years hold a 29 February. */
const YEARS_MICROS = 9 * 366 * 86_400e6;

function hasStart(repair: ScenarioRepair): boolean {
  if (repair.at !== undefined || repair.repair === 'auto' || repair.repair === 'algorithm') return true;
  return ('every' in repair && repair.every !== undefined) || ('schedule' in repair && repair.schedule !== undefined);
}
