/** Which part of a world takes which event. Those that a world takes itself are defined there. */
import { EVENT_CLASS, type Kernel } from '../kernel/kernel.ts';
import type { Batches } from '../replica/batches.ts';
import type { CompactionManager } from '../replica/compaction.ts';
import { EVENT } from '../replica/event-kinds.ts';
import type { Hints } from '../replica/hints.ts';
import type { WriteProbes } from '../replica/probing/write-probes.ts';
import type { ReadPath } from '../replica/reads/read-path.ts';
import type { ReadWorkloads } from '../replica/reads/read-workload.ts';
import type { Storage } from '../replica/storage.ts';
import type { WritePath } from '../replica/write-path.ts';
import { defineProbes } from './build-probes.ts';
import { defineReads } from './build-reads.ts';
import type { Faults } from './faults.ts';
import type { ClusterRepairHost } from './repair-host.ts';
import type { ReplicaProcesses } from './replica-processes.ts';
import type { Topology } from './topology.ts';

/** The parts that take events. */
export interface EventTakers {
  readonly kernel: Kernel;
  readonly writePath: WritePath;
  readonly reads: ReadPath;
  readonly readWorkloads: ReadWorkloads;
  readonly probes: WriteProbes;
  readonly hints: Hints;
  readonly batches: Batches;
  readonly storage: Storage;
  readonly compaction: CompactionManager;
  readonly processes: ReplicaProcesses;
  readonly faults: Faults;
  readonly host: ClusterRepairHost;
  readonly topology: Topology;
}

export function defineEvents(world: EventTakers): void {
  const { kernel, writePath, hints, batches, storage, compaction, processes, faults, host, topology } = world;
  const { fault, issue, message, timer } = EVENT_CLASS;
  kernel.define(EVENT.entryStarts, 'entryStarts', fault, (index) => faults.starts(index));
  kernel.define(EVENT.entryEnds, 'entryEnds', fault, (index) => faults.ends(index));
  kernel.define(EVENT.markDown, 'markDown', fault, (observer, peer) => processes.markDown(observer, peer));
  kernel.define(EVENT.markUp, 'markUp', fault, (observer, peer) => processes.markUp(observer, peer));
  kernel.define(EVENT.reissue, 'reissue', issue, (version, attempt) => writePath.reissue(version, attempt));
  kernel.define(EVENT.batchSend, 'batchSend', issue, (id) => batches.send(id));
  kernel.define(EVENT.waited, 'waited', message, (version, b) => writePath.waited(version, b));
  kernel.define(EVENT.delivery, 'delivery', message, (version, b) => writePath.delivery(version, b));
  kernel.define(EVENT.hintAtIssue, 'hintAtIssue', message, (version, b) => writePath.hintAtIssue(version, b));
  kernel.define(EVENT.answer, 'answer', message, (version, b) => writePath.answer(version, b));
  kernel.define(EVENT.expiry, 'expiry', message, (version, b) => writePath.expiry(version, b));
  kernel.define(EVENT.logSynced, 'logSynced', message, (version, b) => writePath.logged.synced(version, b));
  defineReads(kernel, world.reads, world.readWorkloads);
  defineProbes(kernel, writePath.client, world.probes);
  kernel.define(EVENT.batchlogRemoved, 'batchlogRemoved', message, (id) => batches.removed(id));
  kernel.define(EVENT.batchlogArrives, 'batchlogArrives', message, (id, code) => batches.replays.arrives(id, code));
  kernel.define(EVENT.batchlogReplay, 'batchlogReplay', timer, (id, b) => batches.replay(id, b));
  kernel.define(EVENT.batchlogReplayEnds, 'batchlogReplayEnds', timer, (id) => batches.replays.ends(id));
  kernel.define(EVENT.flushFinished, 'flushFinished', timer, (place, id) => storage.flushFinished(place, id));
  kernel.define(EVENT.compactionFinished, 'compactionFinished', timer, (place, id) => compaction.finished(place, id));
  kernel.define(EVENT.compactionTick, 'compactionTick', timer, (place) => compaction.tick(place));
  kernel.define(EVENT.antiCompactionDone, 'antiCompactionDone', timer, (id) => compaction.groupDone(id));
  kernel.define(EVENT.hintsFlush, 'hintsFlush', timer, (node, incarnation) => hints.flushDue(node, incarnation));
  kernel.define(EVENT.hintBufferWritten, 'hintBufferWritten', timer, (node, id) => hints.bufferDue(node, id));
  kernel.define(EVENT.hintsTick, 'hintsTick', timer, (node, incarnation) => hints.tickDue(node, incarnation));
  kernel.define(EVENT.hintPageSent, 'hintPageSent', timer, (pair, incarnation) => hints.pageSent(pair, incarnation));
  kernel.define(EVENT.batchlogTick, 'batchlogTick', timer, (node, incarnation) => batches.tickDue(node, incarnation));
  kernel.define(EVENT.controlArrives, 'controlArrives', timer, (id) => host.controlArrives(id));
  kernel.define(EVENT.topologyStep, 'topologyStep', timer, (place, step) => topology.stepDue(place, step));
  kernel.define(EVENT.topologyEnds, 'topologyEnds', fault, (place, ending) => topology.endDue(place, ending));
  kernel.define(EVENT.rangesFlushed, 'rangesFlushed', timer, (id) => topology.flushed(id));
  kernel.define(EVENT.rangesStreamed, 'rangesStreamed', timer, (id) => topology.streamed(id));
  kernel.define(EVENT.repairNext, 'repairStarts', timer, (index) => faults.starts(index));
}
