/**
 * What a missed delete means where points go by arrival and no tombstone lasts: nothing tells the copy later, a repair that
 * only adds spreads what was deleted, and only the statement itself takes it away (influxdb.4-no-hand-off, 6.5-repair).
 */
import { formatSummand, plural } from '../base/human.ts';

/** Causes of copies that have too much: a repair that only adds does not heal them. */
export const LACKS_DELETE: ReadonlySet<string> = new Set(['delete_missed', 'hint_after_delete']);

const AGAIN =
  'the same statement once more, when all owners run and their queues are empty; or remove-shard there, then copy-shard from an owner without them';

/** Beside `heals next`. */
export function healsDeletesText(after: string): string {
  return `${after === '' ? 'nothing' : 'those left by nothing'}: they lack a delete, and entropy repair only adds; only ${AGAIN}`;
}

/** Beside `if nobody`. */
export function deletesMissedText(copies: number, one = false): string {
  const what = one ? 'it lacks' : `${formatSummand(copies)} of them lack`;
  return `${what} a delete that nothing tells that node any more: the next entropy repair, or copy-shard from there, brings what was deleted back to the other owners (4-no-hand-off, 6.5-repair)`;
}

/** After the end of a run, or at a moment. */
export function deletesMissedSentence(table: string, rows: number): string {
  return `${table}: ${plural(rows, 'point')} with a copy that has missed a delete, of which nothing tells it later: entropy repair, or copy-shard from there, would bring them back to all owners. Ask for the same statement once more first, when all owners run and their queues are empty`;
}
