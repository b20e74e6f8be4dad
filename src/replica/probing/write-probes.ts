/** All probes of a run that read what workloads have written: told of every acknowledgement, called when a read is due. */
import type { Versions } from '../../data/versions.ts';
import type { StalenessProbe } from './staleness-probe.ts';
import type { VisibilityProbe } from './visibility-probe.ts';

export type AnyWriteProbe = { id: string; workload: number } & (
  { kind: 't-visibility'; probe: VisibilityProbe } | { kind: 'k-staleness'; probe: StalenessProbe }
);

export class WriteProbes {
  readonly probes: readonly AnyWriteProbe[];
  readonly #versions: Versions;
  /** By workload. */
  readonly #of: AnyWriteProbe[][] = [];

  constructor(versions: Versions, probes: readonly AnyWriteProbe[]) {
    this.#versions = versions;
    this.probes = probes;
    for (const each of probes) (this.#of[each.workload] ??= []).push(each);
  }

  acknowledged(version: number): void {
    for (const { probe } of this.#of[this.#versions.arrays.workload[version]] ?? []) probe.acknowledged(version);
  }

  /** Handler: b = place of the probe. */
  due(address: number, b: number): void {
    this.probes[b].probe.due(address);
  }

  save(): unknown[] {
    return this.probes.map(({ probe }) => probe.save());
  }

  load(state: readonly unknown[]): void {
    this.probes.forEach(({ probe }, index) => probe.load(state[index]));
  }
}
