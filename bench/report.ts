/** Sections of the benchmark's output and its targets, judged with the slack that ratios have on a shared machine. */

export interface Target {
  /** Such as `K3`. */
  id: string;
  what: string;
  measured: number;
  bound: number;
  better: 'higher' | 'lower';
}

export interface Section {
  title: string;
  lines: readonly string[];
  targets: readonly Target[];
}

/** On two shared cores ratios of one round spread by this much. */
const SLACK = 1.3;

export type Verdict = 'holds' | 'near' | 'missed';

export function verdictOf({ measured, bound, better }: Target): Verdict {
  const excess = better === 'higher' ? bound / measured : measured / bound;
  if (excess <= 1) return 'holds';
  return excess <= SLACK ? 'near' : 'missed';
}

export function print(section: Section): void {
  console.log(`\n${section.title}`);
  for (const line of section.lines) console.log(`  ${line}`);
  for (const target of section.targets) {
    const bound = `${target.better === 'higher' ? 'at least' : 'at most'} ${figure(target.bound)}`;
    const columns = [
      target.id.padEnd(4),
      figure(target.measured).padStart(6),
      bound.padEnd(15),
      verdictOf(target).padEnd(7),
    ];
    console.log(`  ${columns.join('  ')} ${target.what}`);
  }
}

/** Three digits that count. */
export function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
