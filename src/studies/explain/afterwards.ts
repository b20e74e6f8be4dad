/**
 * What becomes of copies after a moment: the run goes on, to the end of its plan and, as long as a message or a hint is
 * under way for one of them, beyond it without clients. A copy counts as healed at the first look at which it neither
 * differs nor is wrong; looks are so close that people do not mind. What healed it is what reached it last. Where that is
 * one write on its way, by a hint too, and never the one that the copy lacked, a newer write did; a repair had brought the
 * older one as well.
 */
import { VIA, VIAS } from '../../data/causes.ts';
import { originOf, viaOf } from '../../data/fate.ts';
import { RECORD, RECORD_STRIDE } from '../../data/records.ts';
import { tableOfSlot } from '../../data/layout.ts';
import type { TableLayout } from '../../data/layout.ts';
import { copyOf, kindOf, operandA, operandB, operandC } from '../../kernel/trace.ts';
import type { TraceObserver } from '../../kernel/trace.ts';
import { isHealing } from './groups.ts';
import type { Group } from './groups.ts';
import type { WatchedRun } from './watched-run.ts';

/** What healed members of a group, by healer, and what is left. */
export interface Afterwards {
  healed: Map<string, { copies: number; lastMicros: number }>;
  left: number;
}

const LOOKS_IN_RUN = 120;
const SECOND = 1e6;
const BEYOND_MICROS = 24 * 3600 * SECOND;
const BEYOND_STEP_MICROS = 30 * SECOND;
/** Steps beyond the end grow by this share of the time passed. */
const BEYOND_GROWTH = 0.05;
const COPIES_MAX = 64;
const EXPIRED = VIAS[VIA.expired];
const OVERWRITTEN = VIAS[VIA.overwritten];
/** What carries a single write; all else compares or copies what there is. */
const OF_ONE_WRITE: readonly number[] = [VIA.delivery, VIA.hint, VIA.batchlog, VIA.retry];
const NOTHING_CAME = -1;

interface Reached {
  /** The version that the copy lacks at the moment. */
  lacked: number;
  /** Details of records: of what came last, and of what brought that version. */
  last: number;
  bringer: number;
}

/** Add it to the observers of the run, then call `follow` where the run stands at the moment. */
export class Follower implements TraceObserver {
  readonly #tables: () => readonly TableLayout[];
  /** Of members: row and copy in one number, to what reached them. */
  readonly #reached = new Map<number, Reached>();

  constructor(tables: () => readonly TableLayout[]) {
    this.#tables = tables;
  }

  fold(words: Int32Array, count: number): void {
    if (this.#reached.size === 0) return;
    for (let at = 0; at < count * RECORD_STRIDE; at += RECORD_STRIDE) {
      if (kindOf(words, at) !== RECORD.applied) continue;
      const reached = this.#reached.get(keyOf(this.#rowOf(operandB(words, at)), copyOf(words, at)));
      if (reached === undefined) continue;
      reached.last = operandC(words, at);
      if (operandA(words, at) === reached.lacked) reached.bringer = reached.last;
    }
  }

  /** Drives the run on until nothing more can happen by itself; one answer for each group. */
  follow(run: WatchedRun, groups: readonly Group[]): Afterwards[] {
    const followed = groups.map((group) => this.#begin(group));
    const isDone = (): boolean => followed.every(({ open }) => open.length === 0);
    const step = Math.max(1, Math.ceil((run.endMicros - run.now) / LOOKS_IN_RUN));
    while (run.now < run.endMicros && !isDone()) {
      run.runTo(Math.min(run.endMicros, run.now + step));
      for (const one of followed) this.#look(one, run);
    }
    const until = run.endMicros + BEYOND_MICROS;
    while (run.now < until && followed.some(({ open, group }) => open.length > 0 && isHealing(group.state))) {
      run.runTo(run.now + BEYOND_STEP_MICROS + Math.floor((run.now - run.endMicros) * BEYOND_GROWTH));
      for (const one of followed) this.#look(one, run);
    }
    return followed.map(({ healed, open }) => ({ healed, left: open.length }));
  }

  #begin(group: Group): Followed {
    group.memberRows.forEach((row, member) => {
      this.#reached.set(keyOf(row, group.memberCopies[member]), {
        lacked: group.memberVersions[member],
        last: NOTHING_CAME,
        bringer: NOTHING_CAME,
      });
    });
    return { group, open: group.memberRows.map((_, member) => member), healed: new Map() };
  }

  #look(followed: Followed, run: WatchedRun): void {
    const { group, healed } = followed;
    followed.open = followed.open.filter((member) => {
      if (run.census.isAmiss(group.memberRows[member], group.memberCopies[member])) return true;
      const healer = this.#healerOf(group, member, run);
      const count = healed.get(healer)?.copies ?? 0;
      healed.set(healer, { copies: count + 1, lastMicros: run.now });
      return false;
    });
  }

  #healerOf(group: Group, member: number, run: WatchedRun): string {
    const reached = this.#reached.get(keyOf(group.memberRows[member], group.memberCopies[member]));
    if (reached === undefined || reached.last === NOTHING_CAME) return EXPIRED;
    const { last, bringer } = reached;
    const via = viaOf(last);
    if (via === VIA.repair) return run.names.origins[originOf(last)] ?? VIAS[VIA.repair];
    if (!OF_ONE_WRITE.includes(via)) return VIAS[via] ?? OVERWRITTEN;
    return bringer === NOTHING_CAME ? OVERWRITTEN : (VIAS[viaOf(bringer)] ?? OVERWRITTEN);
  }

  #rowOf(slot: number): number {
    const { slotBase, slotsPerRow } = tableOfSlot(this.#tables(), slot);
    return slot - ((slot - slotBase) % slotsPerRow);
  }
}

interface Followed {
  group: Group;
  /** Members that are not healed. */
  open: number[];
  healed: Afterwards['healed'];
}

function keyOf(row: number, copy: number): number {
  return row * COPIES_MAX + copy;
}
