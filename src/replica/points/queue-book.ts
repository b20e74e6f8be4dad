/** All queues of all nodes, in the order in which they were made: a queue's number is its place here. Only the container. */
import { noStatistics, type Queue, type SavedQueue } from './handoff-types.ts';
import { SegmentQueue } from './segment-queue.ts';

export class QueueBook {
  all: Queue[] = [];
  readonly #nodes: number;
  readonly #tables: number;
  /** Number of the queue by (node * nodes + target) * tables + table. */
  readonly #numberOf = new Map<number, number>();

  constructor(nodes: number, tables: number) {
    this.#nodes = nodes;
    this.#tables = tables;
  }

  find(node: number, target: number, table: number): Queue | null {
    const number = this.#numberOf.get(this.#keyOf(node, target, table));
    return number === undefined ? null : this.all[number];
  }

  /** The queue, made where there is none. */
  open(node: number, target: number, table: number, waitMicros: number): Queue {
    const known = this.find(node, target, table);
    if (known !== null) return known;
    const queue: Queue = {
      ...{
        node,
        target,
        table,
        store: new SegmentQueue(),
        waitMicros,
        epoch: 0,
        underWay: 0,
        requests: 0,
        rounds: 0,
        untilMicros: 0,
        job: 0,
      },
      ...{
        isWaiting: false,
        isFailing: false,
        isPurgeDue: false,
        isClosed: false,
        isStuck: false,
        statistics: noStatistics(),
      },
    };
    this.#numberOf.set(this.#keyOf(node, target, table), this.all.length);
    this.all.push(queue);
    return queue;
  }

  numberFor({ node, target, table }: Queue): number {
    return this.#numberOf.get(this.#keyOf(node, target, table)) ?? 0;
  }

  ofNode(node: number): Queue[] {
    return this.all.filter((queue) => queue.node === node);
  }

  between(node: number, target: number): Queue[] {
    return this.all.filter((queue) => queue.node === node && queue.target === target);
  }

  save(): SavedQueue[] {
    return this.all.map(({ store, ...queue }) => ({
      ...{ ...queue, statistics: { ...queue.statistics } },
      segments: store.save(),
    }));
  }

  load(queues: readonly SavedQueue[]): void {
    this.#numberOf.clear();
    this.all = queues.map(({ segments, ...queue }, number) => {
      const store = new SegmentQueue();
      store.load(segments);
      this.#numberOf.set(this.#keyOf(queue.node, queue.target, queue.table), number);
      return { ...queue, statistics: { ...queue.statistics }, store };
    });
  }

  #keyOf(node: number, target: number, table: number): number {
    return (node * this.#nodes + target) * this.#tables + table;
  }
}
