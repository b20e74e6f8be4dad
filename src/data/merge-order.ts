/**
 * Which of two versions in one slot wins when the runs of a copy are merged. A property of the dialect: by timestamp
 * (Cassandra), or by arrival on that copy (InfluxDB, where the newer generation wins whatever the client meant). A
 * generation is a position in the copy's list of runs, or in its memory: larger arrived later.
 */
import type { Versions } from './versions.ts';

export interface MergeOrder {
  readonly kind: 'timestamp' | 'arrival';
  /** Does of any two versions of the run the one with the larger id win? */
  readonly risesWithId: boolean;
  /** Does `version`, found at `generation`, win over `other`, found at `otherGeneration`? */
  wins(version: number, generation: number, other: number, otherGeneration: number): boolean;
}

/** The newest timestamp wins, then a tombstone, then the larger value; the generations do not matter. */
export function timestampOrder(versions: Versions): MergeOrder {
  return {
    kind: 'timestamp',
    risesWithId: versions.monotone && versions.plain,
    wins: (version, _generation, other) => versions.wins(version, other),
  };
}

/** What arrived last wins. */
export function arrivalOrder(): MergeOrder {
  return {
    kind: 'arrival',
    risesWithId: false,
    wins: (_version, generation, _other, otherGeneration) => generation > otherGeneration,
  };
}
