/** Reads of a node's disk that belong to something: begun, and ended with it or with the node. */
import type { Completion, RepairHost } from '../host.ts';
import type { RepairLedger } from '../../observe/result.ts';

export interface JobAtNode {
  node: number;
  job: number;
  bytes: number;
}

/** Nothing to read takes no time, and no job. */
export function readAt(
  host: RepairHost,
  jobs: JobAtNode[],
  { node, bytes }: { node: number; bytes: number },
  completion: Completion,
): void {
  const { kernel } = host;
  if (bytes > 0) jobs.push({ node, bytes, job: host.readDisk(node, bytes, completion) });
  else kernel.schedule(kernel.now, completion.kind, completion.a, completion.b);
}

/** The node's read has ended: it is charged. */
export function endRead(jobs: JobAtNode[], node: number, ledger: RepairLedger): void {
  const at = jobs.findIndex((job) => job.node === node);
  if (at < 0) return;
  ledger.read_bytes += jobs[at].bytes;
  jobs.splice(at, 1);
}

/** What is still being read ends; what was read of it is charged. */
export function cancelReads(host: RepairHost, jobs: JobAtNode[], ledger: RepairLedger): void {
  for (const { job } of jobs) ledger.read_bytes += host.cancelJob(job);
  jobs.length = 0;
}
