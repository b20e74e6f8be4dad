/** The stories of a database of points: what came back by a queue says so, on the copy that has it. */
import { describe, expect, it } from 'vitest';
import { rulesOfCause } from '../../src/dialect/influxdb/cause-rules.ts';
import { renderExplanation } from '../../src/report/explain.ts';
import type { PlanEntry } from '../../src/scenario/plan.ts';
import { explain } from '../../src/studies/explain/explain.ts';
import type { Explanation, Story } from '../../src/studies/explain/explanation.ts';
import { remediesFor } from '../../src/studies/explain/remedies.ts';
import { seconds } from '../run/plain-plan.ts';
import { pointPlan } from '../run/point-plan.ts';

/** n3 is away, and back when a statement deletes; what is queued for it comes a minute later; files are compacted soon. */
function told(entries: PlanEntry[] = [], atMicros: number | null = null): Explanation {
  const away: PlanEntry = {
    ...{ id: 'faults.away', kind: 'crashNode', nodes: ['n3'], mode: 'power-loss' },
    ...{ at_micros: seconds(100), for_micros: seconds(90) },
  };
  const drop: PlanEntry = {
    ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(195) },
    ...{
      series: [{ writer: 'agents', from: 0, to: 10 }],
      from_micros: null,
      until_micros: null,
      command: 'DROP SERIES',
    },
  };
  const settings = {
    ...{ 'data.cache-snapshot-write-cold-duration': seconds(20), 'data.compact-full-write-cold-duration': seconds(60) },
    ...{ 'anti-entropy.enabled': true, 'anti-entropy.check-interval': seconds(20) },
    'hinted-handoff.retry-interval': seconds(60),
  };
  const plan = pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries: [away, drop, ...entries], settings },
    { agents: { until_micros: seconds(150) } },
  );
  return explain(plan, { atMicros, rulesOf: rulesOfCause, draw: null });
}

const textOf = (explanation: Explanation): string =>
  renderExplanation(explanation, { columns: 100, color: false, group: null, run: 'out' });

describe('what a queue brought back after a delete', () => {
  it('is one story of the copies that have it, with the fault, the delete and the queue', () => {
    const explanation = told();
    const { stories } = explanation;
    expect(stories.map(({ cause, origin, state }) => [cause, origin, state])).toEqual([
      ['hint_after_delete', 'faults.away', 'latent'],
    ]);
    expect(Object.keys(stories[0].by_node)).toEqual(['n3']);
    const said = stories[0].events.map(({ text }) => text).join('\n');
    expect(said).toMatch(/n3 without power \(faults.away\)[^]*n3 back\nn1 is asked .* DROP SERIES \(operations.drop\)/);
    expect(said).toMatch(/operations.drop\)\nhints reach n3$/);
    expect(textOf(explanation)).not.toContain('all copies agree');
  });

  it('is agreed on only once no copy differs', () => {
    const repair: PlanEntry = {
      ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(500), shards: null },
      command: 'entropy repair',
    };
    const explanation = told([repair]);
    expect(explanation.final.divergent_copies).toBe(0);
    expect(explanation.stories.every(({ state }) => state === 'agreed')).toBe(true);
    expect(textOf(explanation)).toContain('the data is back on all copies');
  });
});

describe('what missed a delete', () => {
  it('waits for no tombstone: only the delete again mends it, and anti-entropy spreads it', () => {
    const text = textOf(told()).replace(/\s+/g, ' ');
    expect(text).toContain('only the same statement once more, when all owners run and their queues are empty');
    expect(text).toMatch(/if nobody \d+ of them lack a delete that nothing tells that node any more/);
    expect(text).not.toMatch(/tombstone|gc_grace|h3/);
  });

  it('names the repair that is ahead, and why that one does not', () => {
    const repair: PlanEntry = {
      ...{ id: 'repairs.ae', kind: 'repairShards', nodes: ['n1'], at_micros: seconds(700), shards: null },
      command: 'entropy repair',
    };
    const text = textOf(told([repair], seconds(400))).replace(/\s+/g, ' ');
    expect(text).toContain('not by repairs.ae');
    expect(text).toContain('it only adds: what was deleted goes from there to the other owners');
    expect(text).not.toContain('no repair of the plan is ahead');
  });
});

describe('what would have prevented it', () => {
  const plan = pointPlan({ settings: { 'hinted-handoff.max-size': 400, 'hinted-handoff.max-age': seconds(60) } });
  const edits = (cause: Story['cause']): string[] =>
    remediesFor({ cause, origin: 'faults.away', by_table: {}, by_node: {} } as Story, plan, {
      coordinators: ['n1'],
    }).flatMap((remedy) => remedy.map(([, value]) => value));

  it('is tried by settings of influxdb.conf', () => {
    expect(edits('hint_queue_full')).toEqual(['cluster.settings.hinted-handoff.max-size=10g']);
    expect(edits('hint_expired')).toEqual(['cluster.settings.hinted-handoff.max-age=1h']);
  });
});
