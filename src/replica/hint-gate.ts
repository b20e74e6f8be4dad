/** Whether a coordinator may store a hint: the target, the switch, its data centre, the window, the size (cassandra.e4, e5, e12). */
import { CAUSE } from '../data/causes.ts';
import type { HintContext } from './hint-context.ts';

/** As `refusedBy`, for a hint that is to be made: a refusal is counted. */
export function hintRefusal(context: HintContext, coordinator: number, target: number): number {
  const { rules } = context.o;
  const refusal = refusedBy(context, coordinator, target);
  if (refusal === CAUSE.hintsOff || refusal === CAUSE.hintLost) context.counts.refused_off += 1;
  else if (refusal !== 0) {
    rules.mark('cassandra.e4');
    if (refusal === CAUSE.hintWindowPassed) context.counts.refused_window += 1;
    else context.counts.refused_size += 1;
  }
  return refusal;
}

/** 0 = a hint may be made; else the cause why not (order of cassandra.e4). */
export function refusedBy(context: HintContext, coordinator: number, target: number): number {
  const { settings, switches, rules, cluster } = context.o;
  // Its host id belongs to nobody: it was removed, or replaced.
  if (cluster.present[target] === 0) return CAUSE.hintLost;
  if (!switches.stores(coordinator, cluster.dcOf[target]) || rules.isOff('cassandra.e2')) return CAUSE.hintsOff;
  if (!rules.isOff('cassandra.e4') && windowPassed(context, coordinator, target)) return CAUSE.hintWindowPassed;
  if (settings.sizeMaxBytes > 0 && context.store(coordinator, target).diskBytes > settings.sizeMaxBytes)
    return CAUSE.hintQueueFull;
  return 0;
}

/** Down too long by this coordinator's own clock, or its oldest hint too old (cassandra.e4, e5). */
function windowPassed(context: HintContext, coordinator: number, target: number): boolean {
  const { cluster, settings, switches, kernel, rules } = context.o;
  const { windowMicros } = switches.of(coordinator);
  const pair = coordinator * cluster.count + target;
  if (cluster.seen[pair] === 0 && kernel.now - cluster.downSince[pair] > windowMicros) {
    rules.mark('cassandra.e5');
    return true;
  }
  if (!settings.windowPersistent) return false;
  return kernel.now - context.store(coordinator, target).oldestMicros > windowMicros;
}

/** A row of system.hints lives as long as the table's gc_grace_seconds: one that would not live is not written. */
export function livesNot({ o: { settings, rules, tables, versions } }: HintContext, version: number): boolean {
  if (settings.store === 'files' || rules.isOff('cassandra.e17')) return false;
  return tables[versions.arrays.table[version]].gcGraceMicros === 0;
}
