/**
 * The log of a data node as far as its texts are known (influxdb.9): writes that an owner did not take. In logfmt; its log_id is
 * not the model's and reads "?".
 */
import { PART_TROUBLE } from '../../data/records.ts';
import { nodeNumber } from './moment.ts';
import type { ShardMoment } from './moment.ts';
import type { PartLine } from './part-journal.ts';

const ERRORS: Readonly<Record<number, string>> = {
  [PART_TROUBLE.queueNotEmpty]: 'hinted handoff queue not empty',
  [PART_TROUBLE.unreachable]: 'dial tcp: connection refused',
  [PART_TROUBLE.timedOut]: 'timeout',
  [PART_TROUBLE.noSpaceThere]: 'no space left on device',
  [PART_TROUBLE.queueFull]: 'queue is full',
  [PART_TROUBLE.queueBlocked]: 'queue is blocked',
  [PART_TROUBLE.queueNotOpen]: 'queue not open',
  [PART_TROUBLE.handoffDisabled]: 'hinted handoff disabled',
  [PART_TROUBLE.noSpace]: 'no space left on device',
  [PART_TROUBLE.cacheFullThere]: 'cache-max-memory-size exceeded',
  [PART_TROUBLE.cacheFull]: 'cache-max-memory-size exceeded',
  [PART_TROUBLE.fieldTypeConflict]: 'partial write: field type conflict',
};

export function shardLogLines(moment: ShardMoment, of: { node: number; sinceMicros: number }): string[] {
  return moment.journal.lines
    .filter(({ node, micros }) => node === of.node && micros >= of.sinceMicros)
    .map((line) => textOf(moment, line));
}

function textOf({ plan, clock }: ShardMoment, { micros, owner, table, trouble, points }: PartLine): string {
  if (trouble === PART_TROUBLE.shardGone) {
    const number = plan.tables[table].shard?.number ?? 0;
    const said = `drop write request: shard=${number}. shard group does not exist or was deleted`;
    return `ts=${instant(clock.stamp(micros), micros)} lvl=info msg="${said}" log_id=? service=cluster`;
  }
  const isLost = trouble >= PART_TROUBLE.queueFull && trouble <= PART_TROUBLE.handoffDisabled;
  const [level, message] = isLost ? ['warn', 'Write shard failed with hinted handoff'] : ['info', 'Write failed'];
  const dropped = trouble === PART_TROUBLE.fieldTypeConflict ? ` dropped=${points}` : '';
  const shard = plan.tables[table].shard?.number ?? 0;
  return `ts=${instant(clock.stamp(micros), micros)} lvl=${level} msg="${message}" log_id=? service=write node_id=${nodeNumber(plan, owner)} shard_id=${shard} error="${ERRORS[trouble] ?? '?'}${dropped}"`;
}

/** `2026-03-02T00:10:14.059826Z`. */
function instant(stamp: string, micros: number): string {
  const below = String(((micros % 1000) + 1000) % 1000).padStart(3, '0');
  return `${stamp.replace(' ', 'T').replace(',', '.')}${below}Z`;
}
