/**
 * The oracle's part of the result document: the final state, with names instead of numbers.
 */
import { CAUSES, STATES, VIAS, WRONG } from '../data/causes.ts';
import { WORKLOAD_ORIGIN } from './counters-reader.ts';
import { ANY, ANY_COPY, type CopyFilter } from './counters.ts';
import { UNITS_PER_BIT } from './entropy-units.ts';
import { INTEGRAL } from './integrals.ts';
import { REPAIR_HEALER, type Ledger } from './ledger.ts';
import { SCALAR, type OracleCounters } from './oracle-counters.ts';
import type { CauseLedger, FinalState } from './result.ts';

export interface OracleNames {
  nodes: readonly string[];
  /** Ids of plan entries by origin; [0] is the workload. */
  origins: readonly string[];
}

type Share = { copies: number; bits: number };

export function finalState(counters: OracleCounters, ledger: Ledger, names: OracleNames): FinalState {
  const { integrals } = counters;
  const inState = (state: number): number => counters.classes.copiesWhere({ ...ANY_COPY, state });
  return {
    divergent_rows: integrals.count(INTEGRAL.divergentRows),
    divergent_copies: integrals.count(INTEGRAL.divergentCopies),
    visible_divergent_copies: counters.visibleCopies,
    wrong_copies: integrals.count(INTEGRAL.wrongCopies),
    stale_copies: counters.wrongWhere(WRONG.stale, ANY),
    missing_copies: counters.wrongWhere(WRONG.missing, ANY),
    zombie_copies: counters.wrongWhere(WRONG.zombie, ANY),
    lost_copies: counters.wrongWhere(WRONG.lost, ANY),
    in_flight_copies: inState(STATES.indexOf('in_flight')),
    hint_pending_copies: inState(STATES.indexOf('hint_pending')),
    latent_copies: inState(STATES.indexOf('latent')),
    lost_acknowledged: counters.all[SCALAR.lostRows],
    entropy_bits: counters.all[SCALAR.units] / UNITS_PER_BIT,
    resurrection: {},
    by_cause: byCause(counters, ledger, names),
    by_origin: byOrigin(counters, names),
    by_node: Object.fromEntries(names.nodes.map((name, node) => [name, shareOf(counters, { ...ANY_COPY, node })])),
    by_state: byState(counters),
  };
}

/** Causes under which a copy ever differed. */
function byCause(counters: OracleCounters, ledger: Ledger, names: OracleNames): FinalState['by_cause'] {
  const ledgers: FinalState['by_cause'] = {};
  CAUSES.forEach((name, cause) => {
    if (ledger.born[cause] === 0) return;
    ledgers[name] = causeLedger(counters, ledger, cause, names);
  });
  return ledgers;
}

function causeLedger(counters: OracleCounters, ledger: Ledger, cause: number, names: OracleNames): CauseLedger {
  const share = shareOf(counters, { ...ANY_COPY, cause });
  const leftByState: Record<string, number> = {};
  for (let state = 1; state < STATES.length; state += 1) {
    const left = counters.classes.copiesWhere({ ...ANY_COPY, cause, state });
    if (left > 0) leftByState[STATES[state]] = left;
  }
  return {
    copies: share.copies,
    bits: share.bits,
    born: ledger.born[cause],
    healed: ledger.healedBy(cause, ANY, ANY),
    left: share.copies,
    healed_by: healedBy(ledger, cause, names),
    left_by_state: leftByState,
  };
}

function healedBy(ledger: Ledger, cause: number, names: OracleNames): Record<string, number> {
  const healed: Record<string, number> = {};
  for (let healer = 0; healer < ledger.healers; healer += 1) {
    const copies = ledger.healed[cause * ledger.healers + healer];
    if (copies === 0) continue;
    const name = healerName(healer, names);
    healed[name] = (healed[name] ?? 0) + copies;
  }
  return healed;
}

/** A repair heals under its entry's id. */
function healerName(healer: number, names: OracleNames): string {
  if (healer < REPAIR_HEALER) return VIAS[healer];
  return healer === REPAIR_HEALER ? 'repair' : (names.origins[healer - REPAIR_HEALER] ?? 'repair');
}

/** Entries that share an id are one origin. */
function byOrigin(counters: OracleCounters, names: OracleNames): Record<string, Share> {
  const shares: Record<string, Share> = {};
  names.origins.forEach((name, origin) => {
    const { copies, bits } = shareOf(counters, { ...ANY_COPY, origin });
    if (copies === 0) return;
    const key = origin === 0 ? WORKLOAD_ORIGIN : name;
    const known = shares[key] ?? { copies: 0, bits: 0 };
    shares[key] = { copies: known.copies + copies, bits: known.bits + bits };
  });
  return shares;
}

function byState(counters: OracleCounters): Record<string, Share> {
  const shares: Record<string, Share> = {};
  for (let state = 1; state < STATES.length; state += 1) {
    shares[STATES[state]] = shareOf(counters, { ...ANY_COPY, state });
  }
  return shares;
}

function shareOf(counters: OracleCounters, filter: CopyFilter): Share {
  return { copies: counters.classes.copiesWhere(filter), bits: counters.classes.unitsWhere(filter) / UNITS_PER_BIT };
}
