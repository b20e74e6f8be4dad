/**
 * How the coordinator of a job comes by its summaries: requests for snapshots where the strategy pins what it reads
 * (cassandra.b8), then requests for summaries to the replicas whose turn it is (b9, a20). Timeouts and answers come back to
 * `session.ts`.
 */
import { RECORD } from '../data/records.ts';
import type { RepairContext } from './context.ts';
import { REPAIR_EVENT } from './event-kinds.ts';
import { totalPatienceMicros } from './retries.ts';
import type { OpenJob } from './state.ts';

const SECOND_MICROS = 1_000_000;

export function beginJob(context: RepairContext, open: OpenJob): void {
  const { job, session, command } = open;
  // cassandra.b8 off: replicas validate whatever is live when their turn comes.
  if (!context.strategy(command.strategy).residence.pinned || context.isOff('cassandra.b8')) {
    askForSummaries(context, open);
    return;
  }
  context.book.of(command.entry).rounds += 1;
  session.replicas.forEach((replica, index) => {
    context.post(command.node, replica, REPAIR_EVENT.snapshotArrives, { a: job.id, b: index });
  });
  const retry = context.retryRule(command.node, REPAIR_EVENT.snapshotArrives);
  const timeout = context.host.behaviour.snapshotMicros ?? context.setting(command.node, 'repair_request_timeout');
  context.after(retry === null ? timeout : totalPatienceMicros(retry), REPAIR_EVENT.snapshotTimedOut, {
    a: job.id,
    b: 0,
  });
}

/** Asks the replicas whose turn it is for their summary. */
export function askForSummaries(context: RepairContext, open: OpenJob): void {
  const { job, command } = open;
  const turn = replicasInTurn(context, open);
  if (turn.length === 0) return;
  context.mark('cassandra.b9');
  context.book.of(command.entry).rounds += 1;
  if (job.nowMicros < 0) {
    // cassandra.a20: one moment, in whole seconds, for all replicas.
    context.mark('cassandra.a20');
    job.nowMicros = context.now - (context.now % SECOND_MICROS);
    // What one replica may purge soon and another has purged is no difference of repaired data.
    const { preview } = command.asked.value.options;
    if (preview === 'repaired') job.nowMicros += context.setting(command.node, 'validation_preview_purge_head_start');
  }
  for (const index of turn) request(context, open, index);
}

function replicasInTurn(context: RepairContext, { job, session, command }: OpenJob): number[] {
  const { replicas } = session;
  // cassandra.b9 off: no turns, whatever the strategy says.
  if (context.isOff('cassandra.b9')) return replicas.map((_node, index) => index).filter((index) => !job.asked[index]);
  return context.strategy(command.strategy).asking.next({
    replicas,
    dcOfReplica: replicas.map((replica) => context.host.dcOf(replica)),
    isAsked: (index) => job.asked[index],
    isAnswered: (index) => job.answered[index],
  });
}

function request(context: RepairContext, { job, session, command }: OpenJob, index: number): void {
  const replica = session.replicas[index];
  job.asked[index] = true;
  const ranges = session.ranges.value.length;
  context.record(RECORD.validationRequested, replica, { a: session.id, b: command.entry, c: ranges });
  context.post(command.node, replica, REPAIR_EVENT.validationArrives, { a: job.id, b: index });
  context.afterPatience(command.node, REPAIR_EVENT.validationTimedOut, { a: job.id, b: index });
}
