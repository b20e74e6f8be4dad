/**
 * The compaction strategies by class. Adding one touches its own file, this list and its test; which version has which is
 * the dialect's.
 */
import { dateTiered } from './date-tiered.ts';
import { leveled } from './leveled.ts';
import { sizeTiered } from './size-tiered.ts';
import type { CompactionSettings, CompactionStrategy } from './strategy.ts';
import { timeWindow } from './time-window.ts';
import { unified } from './unified.ts';

export type CompactionStrategyMaker = (settings: CompactionSettings) => CompactionStrategy;

export const COMPACTION_STRATEGIES: ReadonlyMap<string, CompactionStrategyMaker> = new Map<
  string,
  CompactionStrategyMaker
>([
  ['SizeTieredCompactionStrategy', sizeTiered],
  ['LeveledCompactionStrategy', leveled],
  ['TimeWindowCompactionStrategy', timeWindow],
  ['DateTieredCompactionStrategy', dateTiered],
  ['UnifiedCompactionStrategy', unified],
]);
