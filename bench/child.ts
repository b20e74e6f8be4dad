/**
 * The child's side of a measurement in rounds: it says that it is ready, runs a round of work whenever it is asked, and
 * answers with the processor time that took (its compiler and collector included) and how often the young generation
 * was collected.
 */
import { PerformanceObserver } from 'node:perf_hooks';

export interface ChildWork {
  /** Sent with the first message. */
  ready: unknown;
  round(units: number): void;
  done(): unknown;
}

export type ParentMessage = { do: 'round'; units: number } | { do: 'finish' };

export type ChildMessage =
  | { is: 'ready'; report: unknown }
  | { is: 'round'; cpuNanosPerUnit: number }
  | { is: 'done'; report: unknown; scavenges: number };

const SCAVENGE = 1;

export function serveRounds(work: ChildWork): void {
  let scavenges = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as { detail?: { kind: number } }[]) {
      if (detail?.kind === SCAVENGE) scavenges++;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  process.on('message', (message: ParentMessage) => {
    if (message.do === 'round') {
      const start = process.cpuUsage();
      work.round(message.units);
      const used = process.cpuUsage(start);
      send({ is: 'round', cpuNanosPerUnit: ((used.user + used.system) * 1000) / message.units });
    } else {
      send({ is: 'done', report: work.done(), scavenges });
      process.disconnect();
    }
  });
  send({ is: 'ready', report: work.ready });
}

function send(message: ChildMessage): void {
  process.send?.(message);
}
