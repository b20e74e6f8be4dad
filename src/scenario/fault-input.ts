/** What the drafting of each kind of fault is given. */
import type { Path } from './places.ts';
import type { ScenarioFault } from './schema/scenario.ts';

export type FaultOf<K extends ScenarioFault['fault']> = Extract<ScenarioFault, { fault: K }>;

export interface FaultInput<F extends ScenarioFault = ScenarioFault> {
  fault: F;
  id: string;
  path: Path;
  at: number;
  forMicros: number | null;
}

/** Those that happen at a moment; all others hold for a time. */
type Momentary = FaultOf<'damage' | 'hint-store-lost' | 'queue-torn' | 'queue-lost'>;

const MOMENTARY: readonly ScenarioFault['fault'][] = ['damage', 'hint-store-lost', 'queue-torn', 'queue-lost'];

export function isLasting(fault: ScenarioFault): fault is Exclude<ScenarioFault, Momentary> {
  return !MOMENTARY.includes(fault.fault);
}
