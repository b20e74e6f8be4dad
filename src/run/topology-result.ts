/**
 * What changes of topology came to, for the result document: of each its outcome, times, bytes and rows by sender, hints that
 * moved because of it, and in words why it was refused or failed. The ledgers are the world's; here they get their names.
 */
import type { TopologyChange } from '../observe/result.ts';
import { refusalText, failureText } from '../observe/timeline.ts';
import { isTopologyEntry, type TopologyEntry } from '../scenario/entry-kinds.ts';
import type { Plan } from '../scenario/plan.ts';
import type { TopologyLedger } from './topology-ledger.ts';

const KINDS: Readonly<Record<TopologyEntry['kind'], TopologyChange['kind']>> = {
  alterKeyspace: 'alter',
  addNode: 'add',
  replaceNode: 'replace',
  decommissionNode: 'decommission',
  removeNode: 'remove',
};

const OUTCOMES: Readonly<Record<TopologyLedger['status'], TopologyChange['outcome']>> = {
  not_begun: 'not_started',
  refused: 'refused',
  under_way: 'running',
  done: 'finished',
  failed: 'failed',
};

/** In the order of the plan; null where it changes no topology. */
export function topologyResult(
  plan: Plan,
  ledgers: ReadonlyMap<string, TopologyLedger>,
): Record<string, TopologyChange> | null {
  const changes: Record<string, TopologyChange> = {};
  for (const entry of plan.entries) {
    const ledger = ledgers.get(entry.id);
    if (!isTopologyEntry(entry) || ledger === undefined) continue;
    changes[entry.id] = changeOf(entry, ledger, (node) => plan.nodes[node]?.id ?? String(node));
  }
  return Object.keys(changes).length === 0 ? null : changes;
}

function changeOf(entry: TopologyEntry, ledger: TopologyLedger, nameOf: (node: number) => string): TopologyChange {
  return {
    kind: KINDS[entry.kind],
    command: entry.command,
    node: entry.kind === 'alterKeyspace' ? null : entry.kind === 'replaceNode' ? entry.with : entry.node,
    outcome: OUTCOMES[ledger.status],
    started_micros: ledger.started_micros,
    finished_micros: ledger.finished_micros,
    failures: failuresOf(ledger, nameOf),
    streams: ledger.streams,
    streamed_bytes: ledger.sent_bytes,
    streamed_rows: ledger.sent_rows,
    streamed_in_vain_bytes: ledger.sent_for_nothing_bytes,
    sources: Object.fromEntries(ledger.sources.map(({ node, bytes, rows }) => [nameOf(node), { bytes, rows }])),
    hints_handed_over: ledger.hints_transferred,
    hints_dropped: ledger.hints_dropped,
    hints_rehinted: ledger.hints_rehinted,
  };
}

function failuresOf({ status, refusal, about }: TopologyLedger, nameOf: (node: number) => string): string[] {
  if (status === 'refused') return [refusalText(refusal, nameOf(about))];
  return status === 'failed' ? [failureText(nameOf(about))] : [];
}
