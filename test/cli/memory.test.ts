/** Runs that do not fit into the memory of the machine are refused or warned of, in words. */
import { describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { allocationMistake, memoryWarning, refuseMemory, threadsThatFit } from '../../src/cli/memory.ts';
import { planSize } from '../../src/report/plan-size.ts';
import { fakeTerminal } from './fake-terminal.ts';

const plan = load(
  'format: 1\ndatabase: cassandra@4.1\nduration: 1h\ncluster: { nodes: 3 }\n' +
    'data: { replication: 3, tables: { a.b: { partitions: 1M } } }\n',
);
const needed = planSize(plan).memoryBytes;
const machine = (memoryBytes: number) => ({ ...fakeTerminal(), memoryBytes });

describe('the memory of the machine', () => {
  it('refuses what needs more of it, and warns above 70 %', () => {
    expect(() => refuseMemory(plan, machine(needed - 1))).toThrow(/C107 the run needs about .* this machine has/);
    expect(() => refuseMemory(plan, machine(needed))).not.toThrow();
    expect(memoryWarning(plan, machine(needed - 1))?.message).toContain('cannot be run here');
    expect(memoryWarning(plan, machine(needed * 1.4))).toMatchObject({ code: 'C107', severity: 'warning' });
    expect(memoryWarning(plan, machine(needed * 1.5))).toBeNull();
    expect(memoryWarning(plan, fakeTerminal())).toBeNull();
  });

  it('is shared by threads: as many as fit, and more are refused', () => {
    expect([1, 1.5, 3, 4.5].map((times) => threadsThatFit(plan, machine(needed * times)))).toEqual([1, 1, 2, 3]);
    expect(threadsThatFit(plan, fakeTerminal())).toBe(Infinity);
    expect(() => refuseMemory(plan, machine(needed * 2), 2)).not.toThrow();
    expect(() => refuseMemory(plan, machine(needed * 2), 3)).toThrow(/C107 3 threads need about .* this machine has/);
  });

  it('is what a failed allocation means', () => {
    const failed = new RangeError('Array buffer allocation failed');
    expect(allocationMistake(failed, plan, machine(1e9))?.mistakes).toMatchObject([{ code: 'C107' }]);
    expect(allocationMistake(new RangeError('Invalid array length'), plan, machine(1e9))).toBeNull();
    expect(allocationMistake(new Error('allocation failed'), plan, machine(1e9))).toBeNull();
  });
});
