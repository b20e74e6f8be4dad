/**
 * Latencies of small messages by class of link where a scenario sets none: assumptions, not facts. One way; a write
 * includes its application at the replica, a response the read there. Local is the coordinator itself, rack a node of the
 * same rack, dc another rack, wan another data centre.
 */
import type { PlanDistribution, PlanLatencies } from '../scenario/plan.ts';

export function defaultLatencies(): {
  local: PlanLatencies;
  rack: PlanLatencies;
  dc: PlanLatencies;
  wan: PlanLatencies;
} {
  return {
    local: { write: uniform(20, 50), ack: uniform(5, 10), read: uniform(20, 50), response: uniform(5, 10) },
    rack: { write: tail(150, 120), ack: tail(80, 40), read: tail(80, 60), response: tail(200, 200) },
    dc: { write: tail(250, 180), ack: tail(150, 60), read: tail(150, 80), response: tail(300, 250) },
    wan: { write: tail(20_000, 1500), ack: tail(20_000, 1000), read: tail(20_000, 1000), response: tail(20_000, 1800) },
  };
}

function uniform(min: number, max: number): PlanDistribution {
  return { kind: 'uniform', min, max };
}

/** At least `offset`, with an exponential tail, µs. */
function tail(offset: number, mean: number): PlanDistribution {
  return { kind: 'exponential', offset, mean };
}
