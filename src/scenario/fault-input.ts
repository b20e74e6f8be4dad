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
