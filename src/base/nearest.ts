/** The nearest valid name to what was typed: edit distance with swaps, for `did you mean`. */

/** The candidate that a person most likely meant, or null where none is near enough. */
export function nearestName(typed: string, candidates: readonly string[]): string | null {
  const lower = typed.toLowerCase();
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  const longest = Math.max(typed.length, best?.length ?? 0);
  return bestDistance <= Math.max(1, Math.floor(longest / 3)) ? best : prefixed(lower, candidates);
}

/** Slips that a name of this many letters may have to be taken for another: fewer than tell two real settings apart. */
const SLIPS: readonly [letters: number, slips: number][] = [
  [14, 3],
  [8, 2],
  [0, 1],
];

/** Of the names of settings the one that a person most likely misspelt; null where none is near enough to be sure. */
export function misspeltName(typed: string, names: readonly string[]): string | null {
  const same = names.find((known) => bareName(known) === bareName(typed));
  if (same !== undefined) return same;
  const nearest = nearestName(typed, names);
  const slips = SLIPS.find(([letters]) => typed.length >= letters)?.[1] ?? 0;
  return nearest !== null && editDistance(typed.toLowerCase(), nearest) <= slips ? nearest : null;
}

/** `maxHintWindow`, `max-hint-window` and `max_hint_window` are one name in three notations. */
function bareName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let distance = Math.min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) distance = Math.min(distance, beforeLast[column - 2] + 1);
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length];
}

/** `faults` for `fault`-like stems that are too short for the distance rule; only when it is the only one. */
function prefixed(lower: string, candidates: readonly string[]): string | null {
  // A node's name begins the id of what happens to it: `n3-stopped`.
  const begun = candidates.filter((candidate) => candidate.toLowerCase().startsWith(`${lower}-`));
  if (begun.length === 1) return begun[0];
  if (lower.length < 3) return null;
  const matches = candidates.filter(
    (candidate) => candidate.toLowerCase().startsWith(lower) || lower.startsWith(candidate.toLowerCase()),
  );
  return matches.length === 1 ? matches[0] : null;
}
