/** Requests whose coordinator still has something to do, or of which a message is still under way. Plain data. */
import type { ShardPart } from './point-writer.ts';

/** How one owner of one part fares; `queueing`: its append to a queue is not on disk yet; `absent`: an operator
 * has taken its copy away. */
export const TASK = { open: 0, stored: 1, failed: 2, queued: 3, queueing: 4, absent: 5 } as const;

/** Is anything still to come of it? */
export function isUndecided(task: number): boolean {
  return task === TASK.open || task === TASK.queueing;
}

export interface RequestPart extends ShardPart {
  /** By copy: TASK, and why the message was lost (cause | origin << 8; 0 = it was not, as far as is known). */
  tasks: number[];
  fates: number[];
  /** 1: the message lies in a process that stands still. */
  waits: number[];
  /** When the owner has it on disk and answers; 0: it has not stored it. */
  syncs: number[];
  /** The first error of an owner (PART_TROUBLE); 0: none so far. */
  error: number;
}

export interface OpenRequest {
  id: number;
  writer: number;
  /** Index of the request among its writer's. */
  index: number;
  attempt: number;
  coordinator: number;
  sentMicros: number;
  parts: RequestPart[];
  /** Points that are older than their policy keeps: nobody gets them, and the client is told. */
  beyond: number;
  isTold: boolean;
  /** Messages of it that lie in paused processes. */
  waiting: number;
  /** The entry by which its coordinator panics as soon as its own copies are written; 0: it does not. */
  panics: number;
  /** Its coordinator has ended: entry behind that, else 0. */
  endedBy: number;
  isOrphan: boolean;
}

/** What a request is when it is sent. */
export type Sent = Omit<OpenRequest, 'id' | 'isTold' | 'waiting' | 'panics' | 'endedBy' | 'isOrphan'>;

export class OpenRequests {
  nextId = 1;
  #requests = new Map<number, OpenRequest>();

  get(id: number): OpenRequest | undefined {
    return this.#requests.get(id);
  }

  /** A request of which nothing has been sent. */
  add(sent: Sent): OpenRequest {
    const { writer, index, attempt, coordinator, sentMicros, parts, beyond } = sent;
    const id = this.nextId;
    const request: OpenRequest = {
      id,
      writer,
      index,
      attempt,
      coordinator,
      sentMicros,
      parts,
      beyond,
      isTold: false,
      waiting: 0,
      panics: 0,
      endedBy: 0,
      isOrphan: false,
    };
    this.nextId += 1;
    this.#requests.set(id, request);
    return request;
  }

  remove(id: number): void {
    this.#requests.delete(id);
  }

  /** Parts that the owner has stored and that are not on its disk then. */
  unsynced(micros: number, copyOf: (table: number) => number): { request: OpenRequest; place: number; copy: number }[] {
    return [...this.#requests.values()].flatMap((request) =>
      request.parts.flatMap(({ table, tasks, syncs }, place) => {
        const copy = copyOf(table);
        return copy >= 0 && tasks[copy] === TASK.open && syncs[copy] > micros ? [{ request, place, copy }] : [];
      }),
    );
  }

  ofCoordinator(node: number): OpenRequest[] {
    return [...this.#requests.values()].filter(({ coordinator, isOrphan }) => coordinator === node && !isOrphan);
  }

  save(): { nextId: number; requests: OpenRequest[] } {
    return { nextId: this.nextId, requests: [...this.#requests.values()].map(copyOfRequest) };
  }

  load({ nextId, requests }: { nextId: number; requests: readonly OpenRequest[] }): void {
    this.nextId = nextId;
    this.#requests = new Map(requests.map((request) => [request.id, copyOfRequest(request)]));
  }
}

/** Parts of which nothing has been sent; written out, because a spread of them costs more than all that follows. */
export function openParts(parts: readonly ShardPart[], tables: readonly { copies: number }[]): RequestPart[] {
  return parts.map(({ table, from, to }) => {
    const { copies } = tables[table];
    const [tasks, fates, waits, syncs] = [zeros(copies), zeros(copies), zeros(copies), zeros(copies)];
    return { table, from, to, tasks, fates, waits, syncs, error: 0 };
  });
}

function zeros(count: number): number[] {
  const made: number[] = [];
  for (let at = 0; at < count; at += 1) made.push(0);
  return made;
}

export function copyOfRequest(request: OpenRequest): OpenRequest {
  const parts = request.parts.map((part) => ({
    ...part,
    tasks: [...part.tasks],
    fates: [...part.fates],
    waits: [...part.waits],
    syncs: [...part.syncs],
  }));
  return { ...request, parts };
}
