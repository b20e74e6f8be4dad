/** Which compaction strategies a version has: date-tiered to 4.1, by time window from 3.0.8 on, unified from 5.0 on. */
import type { CompactionClass } from '../../scenario/plan.ts';
import { isAtLeast, versionOf } from './versions.ts';

export function compactionClasses(database: string): readonly CompactionClass[] {
  const line = versionOf(database)?.line ?? '4.1';
  const classes: CompactionClass[] = ['SizeTieredCompactionStrategy', 'LeveledCompactionStrategy'];
  if (isAtLeast(line, '3.0')) classes.push('TimeWindowCompactionStrategy');
  if (!isAtLeast(line, '5.0')) classes.push('DateTieredCompactionStrategy');
  if (isAtLeast(line, '5.0')) classes.push('UnifiedCompactionStrategy');
  return classes;
}
