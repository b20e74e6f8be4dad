/**
 * Which command looks further into a run: at the moment an expectation broke, at the end where something is still amiss,
 * else at the peak of what healed. Nothing where no copy ever differed.
 */
import type { ExpectationVerdict, Result } from '../observe/result.ts';
import { durationText } from '../scenario/units.ts';
import { replayCommand } from './failure.ts';

/** Commands to paste; `run` is how the run is named in them. */
export function nextSteps(result: Result, run: string): string[] {
  const { final, peak, virtual_micros: endMicros } = result;
  const broken = Object.values(result.expectations).flatMap((one) => brokenAt(one) ?? []);
  const isAmiss = final.divergent_copies > 0 || final.wrong_copies > 0;
  if (!isAmiss && peak.divergent_copies === 0) return [];
  const atMicros = broken[0] ?? (isAmiss ? endMicros : peak.at_micros);
  // advise composes commands of nodetool.
  const advisable = final.latent_copies > 0 && result.database.startsWith('cassandra@');
  return [explainAt(run, atMicros < endMicros ? atMicros : null), ...(advisable ? [`${NPX} advise ${run}`] : [])];
}

const NPX = replayCommand([]);

/** Null: at its end. */
export function explainAt(run: string, atMicros: number | null): string {
  return `${NPX} explain ${run}${atMicros === null ? '' : ` --at ${durationText(atMicros)}`}`;
}

/** When it was first seen that it does not hold; null where it is not violated, or at no moment. */
export function brokenAt({
  verdict,
  at_micros: atMicros,
}: Pick<ExpectationVerdict, 'verdict' | 'at_micros'>): number | null {
  return verdict === 'violated' && atMicros !== null && Number.isFinite(atMicros) ? atMicros : null;
}
