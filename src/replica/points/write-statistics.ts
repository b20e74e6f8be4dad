/** What each data node counts of the requests that it coordinates, under the database's own names, since its process began. */

export const WRITE_STATISTICS = [
  ...(['req', 'pointReq', 'pointReqLocal', 'pointReqRemote', 'pointReqHH', 'subWriteOk', 'subWriteDrop'] as const),
  ...(['writeDrop', 'writeError', 'writeOk', 'writePartial', 'writeTimeout'] as const),
];

export type WriteStatistic = (typeof WRITE_STATISTICS)[number];

export class WriteStatistics {
  /** By node * members + member. */
  #counts: Float64Array;

  constructor(nodes: number) {
    this.#counts = new Float64Array(nodes * WRITE_STATISTICS.length);
  }

  add(node: number, member: WriteStatistic, count = 1): void {
    this.#counts[node * WRITE_STATISTICS.length + WRITE_STATISTICS.indexOf(member)] += count;
  }

  of(node: number): Record<WriteStatistic, number> {
    const from = node * WRITE_STATISTICS.length;
    return Object.fromEntries(WRITE_STATISTICS.map((member, index) => [member, this.#counts[from + index]])) as Record<
      WriteStatistic,
      number
    >;
  }

  nodeEnded(node: number): void {
    this.#counts.fill(0, node * WRITE_STATISTICS.length, (node + 1) * WRITE_STATISTICS.length);
  }

  save(): Float64Array {
    return this.#counts.slice();
  }

  load(state: Float64Array): void {
    this.#counts = state.slice();
  }
}
