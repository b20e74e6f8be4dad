/**
 * The chain of events of one row: who wrote or deleted it, whom each version reached and how, whom it missed and why,
 * what went back or was purged. Versions of which nothing is left are only counted.
 */
import { answerTextOf } from '../../data/answers.ts';
import { CAUSES, OUTCOMES, VIA, VIAS } from '../../data/causes.ts';
import { causeOf, originOf, outcomeOf, viaOf, withoutState } from '../../data/fate.ts';
import { RECORD } from '../../data/records.ts';
import { BASE, FIRST_VERSION, NOTHING, OPERATION } from '../../data/versions.ts';
import type { Versions } from '../../data/versions.ts';
import type { PlanNames } from '../../observe/counters-reader.ts';
import { fateText, wordsOf } from '../record-text.ts';
import type { StoryEvent, VersionShown } from './explanation.ts';
import type { RowRecord } from './row-trace.ts';
import { nodesText } from './story-events.ts';
import type { RulesOf } from './story-events.ts';

const KINDS: readonly VersionShown['kind'][] = [
  'write',
  'delete_cell',
  'delete_row',
  'delete_range',
  'delete_partition',
  'damaged',
];

/** The versions that are told, with their names. */
export class ToldVersions {
  readonly #names = new Map<number, string>();
  readonly #versions: Versions;
  readonly #workloads: readonly string[];

  constructor(told: Iterable<number>, versions: Versions, workloads: readonly string[]) {
    this.#versions = versions;
    this.#workloads = workloads;
    const ids = [...new Set(told)].filter((version) => version >= FIRST_VERSION).sort((left, right) => left - right);
    ids.forEach((version, index) => this.#names.set(version, `v${index + 1}`));
  }

  has(version: number): boolean {
    return this.#names.has(version);
  }

  nameOf(version: number): string {
    if (version === NOTHING) return 'nothing';
    return version === BASE ? 'what was loaded' : (this.#names.get(version) ?? 'an older version');
  }

  shown(version: number, nodes: readonly string[]): VersionShown {
    const { issuedAt, operation, workload, coordinator, outcome } = this.#versions.arrays;
    const name = this.nameOf(version);
    if (version < FIRST_VERSION) {
      const kind = version === BASE ? 'loaded' : 'nothing';
      return { name, kind, at_micros: null, workload: null, coordinator: null, told: null };
    }
    const damaged = operation[version] === OPERATION.corrupt;
    return {
      name,
      kind: KINDS[operation[version]],
      at_micros: issuedAt[version],
      workload: damaged ? null : (this.#workloads[workload[version]] ?? null),
      coordinator: damaged ? null : (nodes[coordinator[version]] ?? null),
      told: damaged ? null : OUTCOMES[outcome[version]],
    };
  }
}

export interface RowEventContext {
  told: ToldVersions;
  names: PlanNames;
  rulesOf: RulesOf;
  /** Rows are points, which statements delete. */
  ofPoints: boolean;
}

interface Collected {
  at: number;
  nodes: number[];
  text: (nodes: string) => string;
  rules: string[];
}

/** In order of time; what happened alike to several copies is one event, at its first moment. */
export function rowEvents(records: readonly RowRecord[], context: RowEventContext): StoryEvent[] {
  const collected = new Map<string, Collected>();
  for (const record of records) {
    const isOwn = record.kind === RECORD.reverted || record.kind === RECORD.purged;
    if (!isOwn && !context.told.has(record.version)) continue;
    const event = eventOf(record, context);
    if (event === null) continue;
    const known = collected.get(event.key);
    if (known === undefined) collected.set(event.key, { at: record.at, nodes: [record.node], ...event });
    else if (!known.nodes.includes(record.node)) known.nodes.push(record.node);
  }
  return [...collected.values()].map(({ at, nodes, text, rules }) => {
    const ids = nodes.sort((left, right) => left - right).map((node) => context.names.nodes[node]);
    return { at_micros: at, text: text(nodesText(ids)), rules };
  });
}

interface Told {
  key: string;
  text: (nodes: string) => string;
  rules: string[];
}

function eventOf(record: RowRecord, context: RowEventContext): Told | null {
  const { kind, version, detail } = record;
  const { told, names, rulesOf } = context;
  const name = told.nameOf(version);
  const rules = [...rulesOf(CAUSES[causeOf(detail)] ?? 'none')];
  switch (kind) {
    case RECORD.issued:
      return {
        key: `i${version} ${detail}`,
        text: (on) => issueText(told.shown(version, names.nodes), on, detail, context.ofPoints),
        rules: [],
      };
    case RECORD.applied:
      return { key: `a${version} ${detail}`, text: (on) => arrivalText(name, on, detail, names), rules: [] };
    case RECORD.missed:
      return { key: `m${version} ${detail}`, text: (on) => `${name} misses ${on}: ${fateText(detail, names)}`, rules };
    case RECORD.answered:
    case RECORD.rejected:
      return {
        key: `t${version} ${detail}`,
        text: () => `${name}: its client is told ${answerTextOf(detail) ?? wordsOf(OUTCOMES[outcomeOf(detail)])}`,
        rules: [],
      };
    case RECORD.reverted:
      return {
        key: `r${version} ${detail}`,
        text: (on) => `${on} holds ${name} now: ${fateText(withoutState(detail), names)}`,
        rules,
      };
    case RECORD.purged:
      return {
        key: `p${version} ${detail}`,
        text: (on) => `the tombstone ${name} is purged on ${on}`,
        rules: [...rulesOf('tombstone_purged')],
      };
    default:
      return null;
  }
}

function issueText(version: VersionShown, through: string, attempt: number, ofPoints: boolean): string {
  if (ofPoints && version.kind !== 'write') return `${version.name}: a statement deletes it through ${through}`;
  const what = version.kind === 'write' ? 'writes' : `deletes the ${version.kind.replace('delete_', '')}`;
  const again = attempt > 0 ? ', again' : '';
  return `${version.name}: ${version.workload ?? 'a client'} ${what} through ${through}${again}`;
}

function arrivalText(name: string, on: string, detail: number, names: PlanNames): string {
  const via = viaOf(detail);
  if (via === VIA.delivery) return `${name} reaches ${on}`;
  const origin = originOf(detail);
  const by = via === VIA.repair && origin > 0 ? names.origins[origin] : wordsOf(VIAS[via] ?? 'a message');
  return `${name} reaches ${on} by ${by}`;
}
