/**
 * What an edit does for a story: its own copies, row by row, looked up in the edited world at the same moment. A copy that is
 * only amiss for another reason there is not helped, and is told with the reason that it has then.
 */
import { CAUSES, STATE, WRONG } from '../../data/causes.ts';
import { causeOf, stateOf } from '../../data/fate.ts';
import type { Census, FoundCopy } from '../../observe/census.ts';
import type { Remedy } from './explanation.ts';
import { isHealing } from './groups.ts';
import type { Group } from './groups.ts';

/** First slots of rows, and their copies. */
export type Amiss = ReadonlyMap<number, ReadonlySet<number>>;

/** What a remedy is to prevent: that a copy is amiss, and no message and no hint is on its way to it. */
function needsRemedy({ status, wrong }: FoundCopy): boolean {
  return !isHealing(stateOf(status)) && (stateOf(status) === STATE.latent || wrong !== WRONG.right);
}

/** Members of the group that are latent or wrong. */
export function amissOf({ memberRows, memberCopies }: Group, census: Census): Amiss {
  const amiss = new Map<number, Set<number>>();
  const members = new Map<number, number[]>();
  memberRows.forEach((row, member) => {
    const copies = members.get(row);
    if (copies === undefined) members.set(row, [memberCopies[member]]);
    else copies.push(memberCopies[member]);
  });
  for (const [row, copies] of members)
    census.ofRow(row, (found) => {
      if (!copies.includes(found.copy) || !needsRemedy(found)) return;
      amiss.set(row, (amiss.get(row) ?? new Set<number>()).add(found.copy));
    });
  return amiss;
}

/** How the same copies stand in another world. */
export function leftOf(amiss: Amiss, census: Census): Pick<Remedy, 'prevented_copies' | 'left_copies' | 'left_causes'> {
  let all = 0;
  let left = 0;
  const causes = new Map<number, number>();
  for (const [row, copies] of amiss) {
    all += copies.size;
    census.ofRow(row, (found) => {
      if (!copies.has(found.copy) || !needsRemedy(found)) return;
      left += 1;
      causes.set(causeOf(found.status), (causes.get(causeOf(found.status)) ?? 0) + 1);
    });
  }
  const sorted = [...causes].sort(([a, countA], [b, countB]) => countB - countA || a - b);
  return {
    prevented_copies: all - left,
    left_copies: left,
    left_causes: Object.fromEntries(sorted.map(([cause, count]) => [CAUSES[cause], count])),
  };
}
