/**
 * What reads have answered so far, slot by slot: the newest version that some client had been shown before a moment. A later
 * read that shows an older one goes back in time. Keeps of each slot only what a read that begins now may ask for.
 */
import { NOTHING } from '../data/versions.ts';
import type { Content } from './content.ts';

interface Shown {
  /** Ascending, and so are the versions in the order of truth. */
  micros: number[];
  versions: number[];
}

export type ReadHistoryState = [slot: number, shown: Shown][];

export class ReadHistory {
  #shown = new Map<number, Shown>();

  /** The newest shown before `micros`; NOTHING if none was. */
  newestBefore(slot: number, micros: number): number {
    const shown = this.#shown.get(slot);
    if (shown === undefined) return NOTHING;
    let at = shown.micros.length - 1;
    while (at >= 0 && shown.micros[at] >= micros) at -= 1;
    return at < 0 ? NOTHING : shown.versions[at];
  }

  note(slot: number, micros: number, version: number, content: Content): void {
    if (version === NOTHING) return;
    const shown = this.#shown.get(slot);
    if (shown === undefined) {
      this.#shown.set(slot, { micros: [micros], versions: [version] });
      return;
    }
    const last = shown.versions[shown.versions.length - 1];
    if (last === version || !content.newer(version, last)) return;
    shown.micros.push(micros);
    shown.versions.push(version);
    while (shown.micros.length > 1 && shown.micros[1] < micros) {
      shown.micros.shift();
      shown.versions.shift();
    }
  }

  save(): ReadHistoryState {
    return [...this.#shown].map(([slot, { micros, versions }]) => [
      slot,
      { micros: [...micros], versions: [...versions] },
    ]);
  }

  load(state: ReadHistoryState): void {
    this.#shown = new Map(
      state.map(([slot, { micros, versions }]) => [slot, { micros: [...micros], versions: [...versions] }]),
    );
  }
}
