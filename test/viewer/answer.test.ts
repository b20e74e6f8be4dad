/** What the core in a page answers, asked as the worker asks it. */
import { describe, expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import { answerOf, editedPlan, Refused } from '../../src/viewer/core/answer.ts';
import { MUTATIONS_MAX, sizeForPage } from '../../src/viewer/core/page-size.ts';
import { smallRunPlan, watchedPage } from './small-scenario.ts';

const MINUTE = 60e6;
const plan = smallRunPlan();
const nothing = (): void => undefined;

describe('the core in a page', () => {
  it('runs to the same fingerprint', () => {
    const shares: number[] = [];
    const { fingerprint } = answerOf({ ask: 'run', plan }, (share) => void shares.push(share));
    expect(fingerprint).toBe(run(plan).result.fingerprint);
    expect(shares.length).toBeGreaterThan(5);
    expect(shares.every((share) => share > 0 && share <= 1)).toBe(true);
  });

  it('finds what differs on a node, and explains a row of it', () => {
    const all = answerOf({ ask: 'rows', plan, node: null, atMicros: 15 * MINUTE }, nothing);
    const onThird = answerOf({ ask: 'rows', plan, node: 2, atMicros: 15 * MINUTE }, nothing);
    expect(onThird.copyCount).toBe(all.copyCount);
    expect(all.groups.map(({ cause }) => cause)).toContain('hint_window_passed');
    expect(all.groups.reduce((sum, { copies }) => sum + copies, 0)).toBe(all.copyCount);
    expect(answerOf({ ask: 'rows', plan, node: 0, atMicros: 15 * MINUTE }, nothing).copyCount).toBe(0);
    const [row] = onThird.rows;
    const told = answerOf({ ask: 'row', plan, row, atMicros: 15 * MINUTE }, nothing);
    expect(told.explanation.copies.find(({ node }) => node === 'n3')?.divergent).toBe(true);
    expect(told.text).toContain(`shop.orders:${row.key}`);
    expect(told.records.length).toBeGreaterThan(2);
    expect(told.records.every(({ at }) => at <= 15 * MINUTE)).toBe(true);
  });

  it('shows the operator’s lines and the truth beside them', () => {
    const page = answerOf({ ask: 'operator', plan, node: 'n1', command: '', atMicros: 15 * MINUTE }, nothing);
    expect(page.sees.join('\n')).toMatch(/DN .*127\.0\.0\.3/);
    expect(page.truth.join('\n')).toMatch(/divergent copies +\d/);
    expect(page.sees.join('\n')).not.toMatch(/divergent copies/);
    const one = { ask: 'operator', plan, node: 'n1', command: 'nodetool status', atMicros: 15 * MINUTE } as const;
    expect(answerOf(one, nothing).truth).toEqual([]);
  });

  it('keeps the messages of a session as the run did', () => {
    const { view } = watchedPage(plan);
    const kept = view?.sessions[0];
    expect(kept?.origin).toBe('repairs.by-hand');
    const asked = answerOf({ ask: 'session', plan, session: kept?.session ?? 0, atMicros: 0 }, nothing);
    expect(asked.records.slice(0, 100)).toEqual(kept?.records.slice(0, 100));
  });

  it('sets an edited world beside this one', () => {
    const edits = [{ kind: 'remove', text: 'faults.n3-away' } as const];
    const { study, output, text } = answerOf({ ask: 'what-if', plan, edits }, nothing);
    expect(study.fingerprint.base).toBe(run(plan).result.fingerprint);
    expect(study.fingerprint.edited).toBe(run(editedPlan(plan, edits)).result.fingerprint);
    expect(study.causes.hint_window_passed).toMatchObject({ born: { edited: 0 } });
    expect(study.parts?.at_micros).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(output.result.fingerprint).toBe(study.fingerprint.edited);
    expect(text).toContain('hint window passed');
  });

  it('refuses in words', () => {
    const refused = (request: Parameters<typeof answerOf>[0]): string => {
      try {
        answerOf(request, nothing);
      } catch (error) {
        expect(error).toBeInstanceOf(Refused);
        return (error as Error).message;
      }
      throw new Error('nothing was refused');
    };
    const row = { table: null, key: '999999', row: null };
    expect(refused({ ask: 'row', plan, row, atMicros: 0 })).toMatch(/has no key 999999 .*expected/);
    expect(refused({ ask: 'session', plan, session: 12_345, atMicros: 0 })).toMatch(/no repair session/);
    expect(refused({ ask: 'what-if', plan, edits: [] })).toMatch(/nothing is edited/);
    expect(refused({ ask: 'what-if', plan, edits: [{ kind: 'set', text: 'x' }] })).toMatch(/E101/);
    const typo = [{ kind: 'remove', text: 'faults.n3-awya' } as const];
    expect(refused({ ask: 'what-if', plan, edits: typo })).toMatch(/Did you mean faults\.n3-away/);
    expect(refused({ ask: 'operator', plan, node: 'n1', command: 'nodetool nonsense', atMicros: 0 })).toMatch(/O103/);
  });

  it('knows which runs are too large for a page', () => {
    expect(sizeForPage(plan)).toMatchObject({ fits: true });
    const { checkout } = plan.workload;
    const arrivals = { kind: 'poisson', per_second: (2 * MUTATIONS_MAX) / 2400 } as const;
    const busy = { ...plan, workload: { checkout: { ...checkout, arrivals } } };
    expect(sizeForPage(busy)).toMatchObject({ fits: false, why: expect.stringMatching(/8 M writes/) as string });
    const wide = { ...plan, tables: plan.tables.map((table) => ({ ...table, partitions: 60_000_000 })) };
    expect(sizeForPage(wide)).toMatchObject({ fits: false, why: expect.stringMatching(/of memory/) as string });
  });
});
