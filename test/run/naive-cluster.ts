/**
 * A cluster in a few lines, written to be read: three nodes that each hold every row, one coordinator (n1), and so much time
 * between two events that everything under way has ended. No clocks, no messages: a write is where it can be at once, the
 * rest is a hint; hints drain when both ends are up; the log is never synced, so a power loss takes what was not flushed.
 */

export type Mode = 'process' | 'power-loss' | 'stop';

export type SmallEvent =
  | { do: 'write'; row: number; needs: number }
  | { do: 'down'; node: number; mode: Mode }
  | { do: 'start'; node: number }
  | { do: 'repair' };

interface NaiveNode {
  isUp: boolean;
  /** Version held of each row, and what of it would survive a power loss. 0 = nothing. */
  held: number[];
  durable: number[];
}

interface NaiveHint {
  target: number;
  row: number;
  version: number;
}

const COORDINATOR = 0;

export class NaiveCluster {
  readonly nodes: NaiveNode[];
  hints: NaiveHint[] = [];
  /** Versions are numbered in order of writing, refused ones too. */
  #next = 2;

  constructor(rows: number) {
    this.nodes = Array.from({ length: 3 }, () => ({
      isUp: true,
      held: Array<number>(rows).fill(0),
      durable: Array<number>(rows).fill(0),
    }));
  }

  /** Can this happen now? */
  allows(event: SmallEvent): boolean {
    if (event.do === 'down') return this.nodes[event.node].isUp;
    return event.do !== 'start' || !this.nodes[event.node].isUp;
  }

  happen(event: SmallEvent): void {
    if (event.do === 'write') this.#write(event.row, event.needs);
    else if (event.do === 'down') this.#goDown(event.node, event.mode);
    else if (event.do === 'start') this.nodes[event.node].isUp = true;
    else this.#repair();
    this.#drainHints();
  }

  #write(row: number, needs: number): void {
    const version = this.#next;
    this.#next += 1;
    const isPossible = this.nodes[COORDINATOR].isUp && this.nodes.filter(({ isUp }) => isUp).length >= needs;
    if (!isPossible) return;
    this.nodes.forEach((node, target) => {
      if (node.isUp) node.held[row] = version;
      else this.hints.push({ target, row, version });
    });
  }

  #goDown(number: number, mode: Mode): void {
    const node = this.nodes[number];
    node.isUp = false;
    if (mode === 'power-loss') {
      node.held = [...node.durable];
      // Files of hints were written, but a file is only synced when it is closed, before delivery.
      if (number === COORDINATOR) this.hints = [];
    } else {
      // What the log gives back, and what is written at a stop, is safe from then on.
      node.durable = [...node.held];
    }
  }

  #repair(): void {
    if (!this.nodes.every(({ isUp }) => isUp)) return;
    this.nodes[COORDINATOR].held.forEach((_version, row) => {
      const newest = Math.max(...this.nodes.map(({ held }) => held[row]));
      for (const node of this.nodes) node.held[row] = newest;
    });
    // Validation flushes first; what is streamed is a file.
    for (const node of this.nodes) node.durable = [...node.held];
  }

  #drainHints(): void {
    if (!this.nodes[COORDINATOR].isUp) return;
    for (const { target, row, version } of this.hints) {
      const node = this.nodes[target];
      if (node.isUp) node.held[row] = Math.max(node.held[row], version);
    }
    this.hints = this.hints.filter(({ target }) => !this.nodes[target].isUp);
  }
}
