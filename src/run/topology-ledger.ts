/** What a change of topology took: its streams, bytes, rows and hints, and why it was refused. */

export interface TopologyLedger {
  /** Of the plan entry, as an origin. */
  origin: number;
  status: 'not_begun' | 'refused' | 'under_way' | 'done' | 'failed';
  started_micros: number | null;
  finished_micros: number | null;
  /** A number of TOPOLOGY_REFUSAL, and the node that it is about. */
  refusal: number;
  about: number;
  streams: number;
  sent_bytes: number;
  sent_rows: number;
  sent_for_nothing_bytes: number;
  hints_transferred: number;
  hints_dropped: number;
  /** Hints that came, while this was the last change done, to a node that replicated their row no more, and were written anew. */
  hints_rehinted: number;
  /** Who sent, by number, in the order of their first byte. */
  sources: { node: number; bytes: number; rows: number }[];
}

export function newLedger(origin: number): TopologyLedger {
  return {
    origin,
    status: 'not_begun',
    started_micros: null,
    finished_micros: null,
    refusal: 0,
    about: 0,
    streams: 0,
    sent_bytes: 0,
    sent_rows: 0,
    sent_for_nothing_bytes: 0,
    hints_transferred: 0,
    hints_dropped: 0,
    hints_rehinted: 0,
    sources: [],
  };
}

export function copyLedger(ledger: TopologyLedger): TopologyLedger {
  return { ...ledger, sources: ledger.sources.map((source) => ({ ...source })) };
}

export function addSent(
  ledger: TopologyLedger,
  { from, bytes, rows }: { from: number; bytes: number; rows: number },
): void {
  ledger.sent_bytes += bytes;
  ledger.sent_rows += rows;
  const known = ledger.sources.find(({ node }) => node === from);
  if (known === undefined) ledger.sources.push({ node: from, bytes, rows });
  else {
    known.bytes += bytes;
    known.rows += rows;
  }
}

/** Of a stream that was never whole: no row of it came to anything. */
export function addInVain(ledger: TopologyLedger, { from, bytes }: { from: number; bytes: number }): void {
  if (bytes === 0) return;
  addSent(ledger, { from, bytes, rows: 0 });
  ledger.sent_for_nothing_bytes += bytes;
}
