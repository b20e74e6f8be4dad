/** The order in which a run numbers what a plan keeps by id: by the ids, not by the file. Whoever turns a number of a trace or
 * of a version back into a name takes it from here. */

export function numberedIds(map: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(map).sort((left, right) => (left < right ? -1 : 1));
}
