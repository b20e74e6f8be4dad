/** When a cluster has come together: one meaning for all studies. */
import type { Series } from '../observe/result.ts';

/** The first sample from which on no copy is latent or waits for a hint, µs; 0 where none ever does, null where some do to the end. */
export function convergedMicros({ time_micros: times, columns }: Series): number | null {
  const { latent_copies: latent = [], hint_pending_copies: pending = [] } = columns;
  let last = times.length - 1;
  while (last >= 0 && !(latent[last] > 0) && !(pending[last] > 0)) last -= 1;
  if (last < 0) return 0;
  return last === times.length - 1 ? null : times[last + 1];
}
