/**
 * The marks of anti-entropy in a space-time diagram: digests as bars on the node that makes them, comparisons between a node
 * and the next owner of the ring, patches and copies as arrows from when they begin to when they are there.
 */
import { formatBytes, plural } from '../../base/human.ts';
import type { PlanNames } from '../../observe/counters-reader.ts';
import type {
  ComparedStep,
  DigestStep,
  EntropyStep,
  FetchStep,
  MissingStep,
  SendStep,
} from '../../data/entropy-step.ts';
import type { Plan } from '../../scenario/plan.ts';
import { withNodes } from './space-time.ts';
import type { Arrow, Bar, Dot, SpaceTime } from './space-time.ts';

type Told<Step> = Step & Pick<EntropyStep, 'micros' | 'table'>;

export function entropySpaceTime(steps: readonly EntropyStep[], plan: Plan, names: PlanNames): SpaceTime {
  const marks = new EntropyMarks(plan, names);
  for (const step of steps) marks.take(step);
  return withNodes(marks);
}

class EntropyMarks {
  readonly dots: Dot[] = [];
  readonly arrows: Arrow[] = [];
  readonly bars: Bar[] = [];
  readonly #plan: Plan;
  readonly #names: PlanNames;
  /** When what is under way began, by what it is. */
  readonly #began = new Map<string, number>();

  constructor(plan: Plan, names: PlanNames) {
    this.#plan = plan;
    this.#names = names;
  }

  take(step: EntropyStep): void {
    switch (step.kind) {
      case 'digestStarted':
        return void this.#began.set(`digest ${step.node} ${step.table}`, step.micros);
      case 'digestMade':
        return this.#digest(step);
      case 'fetchStarted':
        return void this.#began.set(fetchKey(step), step.micros);
      case 'fetchEnded':
        return this.#fetched(step);
      case 'compared':
        return this.#compared(step);
      case 'missing':
        return this.#missing(step);
      case 'sendStarted':
        return void this.#began.set(sendKey(step), step.micros);
      case 'sendEnded':
      case 'sendLost':
        return this.#sent(step);
    }
  }

  #digest({ node, table, micros, bytes }: Told<DigestStep>): void {
    const fromMicros = this.#take(`digest ${node} ${table}`, micros);
    const text = `${this.#node(node)} makes the digest of ${this.#shard(table)}, which reads ${formatBytes(bytes)}`;
    this.bars.push({ node, fromMicros, toMicros: micros, kind: 'other', text });
  }

  #fetched(step: Told<FetchStep>): void {
    const { node, other, table, micros } = step;
    const text = `the digest of ${this.#shard(table)} comes from ${this.#node(other)}, the next owner, to ${this.#node(node)}`;
    const ends = { from: other, to: node, fromMicros: this.#take(fetchKey(step), micros), toMicros: micros };
    this.arrows.push({ ...ends, kind: 'other', isLost: false, text });
  }

  #compared({ node, other, table, micros, here, there }: Told<ComparedStep>): void {
    const isSame = here + there === 0;
    const [one, next] = [this.#node(node), this.#node(other)];
    const said = isSame
      ? 'the same'
      : `${plural(here, 'part')} that ${next} has not so, ${plural(there, 'part')} that ${one} has not so`;
    const text = `${one} compares its digest of ${this.#shard(table)} with that of ${next}, the next owner: ${said}`;
    const label = `${this.#shard(table)}: ${isSame ? 'same' : 'differs'}`;
    this.dots.push({ node, micros, kind: isSame ? 'write' : 'loss', label, text });
  }

  #missing({ node, other, table, micros }: Told<MissingStep>): void {
    const label = `${this.#node(other)} lacks ${this.#shard(table)}`;
    const text = `${this.#node(node)} finds that ${this.#node(other)}, the next owner, has nothing of ${this.#shard(table)}`;
    this.dots.push({ node, micros, kind: 'loss', label, text });
  }

  #sent(step: Told<SendStep>): void {
    const { node, other, table, micros, rows, bytes, isAutomatic } = step;
    const fromMicros = this.#take(sendKey(step), micros);
    const isLost = step.kind === 'sendLost';
    const what = isAutomatic ? 'the shard that it lacks' : 'what its digest lacks';
    const sends =
      rows === 0 ? 'nothing: its digest lacks nothing' : `${what}, ${plural(rows, 'point')} in ${formatBytes(bytes)}`;
    const text = `${this.#node(node)} sends ${this.#node(other)} of ${this.#shard(table)} ${sends}${isLost ? '; cut off' : ''}`;
    const kind = isLost ? 'loss' : rows === 0 ? 'other' : 'repair';
    this.arrows.push({ from: node, to: other, fromMicros, toMicros: micros, kind, isLost, text });
  }

  /** What began before the stretch that was kept is drawn from its end only. */
  #take(key: string, micros: number): number {
    const from = this.#began.get(key) ?? micros;
    this.#began.delete(key);
    return from;
  }

  #shard(table: number): string {
    const { shard, id } = this.#plan.tables[table];
    return shard === undefined ? id : `shard ${shard.number}`;
  }

  #node(node: number): string {
    return this.#names.nodes[node] ?? String(node);
  }
}

function fetchKey({ node, other, table }: Told<FetchStep>): string {
  return `fetch ${node} ${other} ${table}`;
}

function sendKey({ node, other, table, isAutomatic }: Told<SendStep>): string {
  return `send ${node} ${other} ${table} ${isAutomatic}`;
}
