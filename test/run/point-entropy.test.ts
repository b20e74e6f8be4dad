/** The remaining rules of anti-entropy and of the engine's files: digests and their cost, cycles, empty shards, levels, throughput. */
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/observe/result.ts';
import { PointWorld } from '../../src/run/point-world.ts';
import { run } from '../../src/run/run.ts';
import { Simulation } from '../../src/run/simulation.ts';
import type { Plan, PlanEntry, PlanPoints, SettingValue } from '../../src/scenario/plan.ts';
import type { PlanShardStep } from '../../src/scenario/plan-shards.ts';
import { seconds } from './plain-plan.ts';
import { pointPlan, type PointShape } from './point-plan.ts';

const SETTINGS: Record<string, SettingValue> = {
  'data.cache-snapshot-write-cold-duration': seconds(20),
  'data.compact-full-write-cold-duration': seconds(60),
  'anti-entropy.enabled': true,
  'anti-entropy.check-interval': seconds(20),
  'hinted-handoff.enabled': false,
};

interface Story {
  entries?: PlanEntry[];
  settings?: Record<string, SettingValue>;
  shape?: PointShape;
  agents?: Partial<PlanPoints>;
  devices?: Partial<Plan['devices']>;
}

function planOf({ entries = [], settings = {}, shape, agents = {}, devices = {} }: Story): Plan {
  const plan = pointPlan(
    { duration_micros: seconds(600), settle_micros: seconds(120), entries, settings: { ...SETTINGS, ...settings } },
    { agents: { until_micros: seconds(150), ...agents } },
    shape,
  );
  return { ...plan, devices: { ...plan.devices, ...devices } };
}

const tell = (story: Story): Result => run(planOf(story)).result;

const away = (node: string, from: number, until: number): PlanEntry => ({
  ...{ id: `faults.${node}`, kind: 'crashNode', nodes: [node], mode: 'power-loss' },
  ...{ at_micros: seconds(from), for_micros: seconds(until - from) },
});
const repair = (at: number, id = 'repairs.ae'): PlanEntry => ({
  ...{ id, kind: 'repairShards', nodes: ['n1'], at_micros: seconds(at), shards: null, command: 'entropy repair' },
});

describe('digests', () => {
  it('are made once for each file, and again when the file is another', () => {
    // Three shards of two copies each.
    const quiet = tell({});
    expect(quiet.storage.digests_made).toBe(6);
    expect(quiet.storage.digest_bytes).toBe(quiet.storage.sstable_bytes);
    expect(quiet.rules_exercised).toContain('influxdb.6.4-digest');
    const repaired = tell({ entries: [away('n3', 50, 100), repair(400)] });
    expect(repaired.storage.digests_made).toBeGreaterThan(6);
    // Where content is not compared nobody needs any.
    expect(tell({ settings: { 'model.compares-content': false } }).storage.digests_made).toBe(0);
  });

  it('take the processor, one comparison of a node at a time, or as many as max-sync', () => {
    const flaggedAt = (settings: Record<string, SettingValue>, processor: number): number => {
      const story = { entries: [away('n3', 50, 100)], settings, devices: { processor_bytes_per_second: processor } };
      const simulation = new Simulation(planOf(story), { batched: true });
      for (let at = 160; at < 720; at += 1) {
        simulation.runTo(seconds(at));
        const { world } = simulation;
        if ('entropy' in world && (world.entropy as { flaggedTables(): number[] }).flaggedTables().length === 2)
          return at;
      }
      return Infinity;
    };
    const quick = flaggedAt({}, 1e9);
    // A copy of seven thousand bytes takes seventy seconds.
    const slow = flaggedAt({}, 100);
    expect(slow).toBeGreaterThan(quick + 100);
    expect(flaggedAt({ 'anti-entropy.max-sync': 4 }, 100)).toBeLessThanOrEqual(slow);
  });

  it('skip shards that are hot', () => {
    const settings = { 'data.cache-snapshot-write-cold-duration': seconds(200) };
    expect(tell({ agents: { until_micros: seconds(600) }, settings }).storage.digests_made).toBe(0);
  });
});

describe('a repair with three owners', () => {
  const shape = { nodes: 3, replication: 3 };
  // n2 and n3 miss the same points, n1 and n2 others: what only n3 has passes n1 after n2 had its turn.
  const entries = [away('n2', 50, 100), { ...away('n1', 70, 140), id: 'faults.n1' }];

  it('goes round once: who had its turn before misses what came later', () => {
    const once = tell({ shape, entries: [...entries, repair(400)] });
    const twice = tell({ shape, entries: [...entries, repair(400), repair(550, 'repairs.again')] });
    const equal = tell({ shape, entries: [...entries, repair(400)], settings: { 'model.repair-until-equal': true } });
    expect(once.final.divergent_copies).toBeGreaterThan(0);
    expect(twice.final.divergent_copies).toBe(0);
    expect(equal.final.divergent_copies).toBe(0);
    expect(equal.repairs['repairs.ae'].comparisons).toBeGreaterThan(once.repairs['repairs.ae'].comparisons);
  });
});

describe('commands of entropy', () => {
  const ask = (at: number, steps: PlanShardStep[], id = 'repairs.hand'): PlanEntry => ({
    ...{ id, kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(at), steps, command: 'influxd-ctl entropy' },
  });
  const missed = away('n3', 50, 100);
  // s2 is of n3 and n1.
  const repairIt: PlanShardStep = { do: 'entropyRepair', table: 'shop.s2' };
  const kill: PlanShardStep = { do: 'killRepair', table: 'shop.s2' };
  const byService = tell({ entries: [missed, { ...repair(300), shards: ['shop.s2'] } as PlanEntry] });

  it('entropy repair puts a shard into the queue, and the step ends there', () => {
    const result = tell({ entries: [missed, ask(300, [{ do: 'entropyShow' }, repairIt])] });
    const ledger = result.repairs['repairs.hand'];
    // Two steps a second apart; the repair goes on by itself, and its costs are the entry's.
    expect(ledger).toMatchObject({ outcome: 'finished', strategy: 'manual', sessions: 2 });
    expect(ledger.finished_micros).toBe(seconds(301));
    const { comparisons, sent_bytes, healed_copies } = byService.repairs['repairs.ae'];
    expect(ledger).toMatchObject({ comparisons, sent_bytes, healed_copies });
    expect(healed_copies).toBeGreaterThan(0);
    expect(result.final.divergent_copies).toBe(byService.final.divergent_copies);
  });

  it('entropy repair fails where anti-entropy is off, and entropy show never does', () => {
    const settings = { 'anti-entropy.enabled': false };
    const failed = tell({ settings, entries: [missed, ask(300, [{ do: 'entropyShow' }, repairIt])] });
    expect(failed.repairs['repairs.hand']).toMatchObject({
      ...{ outcome: 'failed', failures: ['entropy repair: anti-entropy is not enabled on node 1'], sent_bytes: 0 },
    });
  });

  it('entropy show changes nothing', () => {
    const shown = tell({ entries: [missed, ask(300, [{ do: 'entropyShow' }])] });
    expect(shown.final).toEqual({ ...tell({ entries: [missed] }).final, by_origin: shown.final.by_origin });
    expect(shown.repairs['repairs.hand']).toMatchObject({ outcome: 'finished', sent_bytes: 0 });
  });

  it('entropy kill-repair takes a shard out of the queue before its repair has begun', () => {
    // Until 230 s the shard is hot, and its repair waits.
    const left = tell({ entries: [missed] }).final.divergent_copies;
    const waits = tell({ entries: [missed, ask(160, [repairIt])] });
    expect(waits.final.divergent_copies).toBeLessThan(left);
    const killed = tell({ entries: [missed, ask(160, [repairIt]), ask(200, [kill], 'operations.kill')] });
    expect(killed.final.divergent_copies).toBe(left);
    expect(killed.repairs['repairs.hand']).toMatchObject({ sent_bytes: 0, healed_copies: 0 });
    const entries = [missed, ask(160, [repairIt]), ask(200, [kill], 'operations.kill')];
    const simulation = new Simulation(planOf({ entries }), {
      batched: true,
    });
    const queued = (at: number): number => {
      simulation.runTo(seconds(at));
      if (!(simulation.world instanceof PointWorld)) throw new Error('a world of points is wanted');
      return simulation.world.entropy.repairs.queuedTables().length;
    };
    expect([queued(199), queued(201)]).toEqual([1, 0]);
  });

  it('entropy kill-repair leaves a repair alone that is under way', () => {
    const devices = { link_bytes_per_second: 500 };
    const late = (at: number): PlanEntry[] => [missed, ask(300, [repairIt]), ask(at, [kill], 'operations.kill')];
    const straight = tell({ devices, entries: [missed, ask(300, [repairIt])] });
    expect(tell({ devices, entries: late(303) }).final.divergent_copies).toBe(straight.final.divergent_copies);
    expect(straight.final.divergent_copies).toBe(byService.final.divergent_copies);
  });
});

describe('the least bytes possible', () => {
  it('are those of values that the next owner lacked or had otherwise', () => {
    const { repairs } = tell({ entries: [away('n3', 50, 100), repair(400)] });
    const ledger = repairs['repairs.ae'];
    expect(ledger.floor_bytes).toBe(ledger.healed_copies * 50);
    expect(ledger.floor_bytes).toBeGreaterThan(0);
    // Whole blocks are sent.
    expect(ledger.sent_bytes).toBeGreaterThan(ledger.floor_bytes);
    expect(ledger.floor_bytes + ledger.sent_for_nothing_bytes).toBe(ledger.sent_bytes);
  });

  it('of copy-shard are those of the places that it changed', () => {
    const copy: PlanEntry = {
      ...{ id: 'repairs.copy', kind: 'repairByHand', nodes: ['n1'], at_micros: seconds(400), command: 'copy-shard' },
      steps: [{ do: 'copyShard', from: 'n1', to: 'n3', table: 'shop.s2' }],
    };
    const ledger = tell({ entries: [away('n3', 50, 100), copy] }).repairs['repairs.copy'];
    expect(ledger.floor_bytes).toBe(ledger.healed_copies * 50);
    expect(ledger.floor_bytes + ledger.sent_for_nothing_bytes).toBe(ledger.sent_bytes);
    const onto = { ...copy, steps: [{ do: 'copyShard', from: 'n1', to: 'n2', table: 'shop.s2' }] } as PlanEntry;
    // A new owner lacks all of it.
    const fresh = tell({ entries: [onto] }).repairs['repairs.copy'];
    expect(fresh.floor_bytes).toBe(fresh.sent_bytes);
  });
});

describe('an empty shard', () => {
  const drop: PlanEntry = {
    ...{ id: 'operations.drop', kind: 'deletePoints', nodes: ['n1'], at_micros: seconds(200) },
    ...{
      series: [{ writer: 'agents', from: 0, to: 30 }],
      from_micros: null,
      until_micros: null,
      command: 'DROP MEASUREMENT',
    },
  };
  const lost: PlanEntry = {
    ...{ id: 'faults.disk', kind: 'crashNode', nodes: ['n3'], mode: 'disk-lost' },
    ...{ at_micros: seconds(350), for_micros: seconds(20) },
  };

  it('is copied to an owner that lacks it once, before 1.8.6 again and again', () => {
    const mended = tell({ entries: [drop, lost] });
    // n3 owns two shards.
    expect(mended.storage).toMatchObject({ shards_copied: 2, empty_shards_copied: 2 });
    const looping = tell({ entries: [drop, lost], settings: { 'model.copies-empty-again': true } });
    expect(looping.storage.empty_shards_copied).toBeGreaterThan(10);
    expect(looping.storage.shards_copied).toBe(looping.storage.empty_shards_copied);
  });
});

describe('files of a shard', () => {
  it('become fewer by levels while it is hot, and one when it is cold', () => {
    // Memory is full after a few points, so there are many files.
    const settings = { 'data.cache-snapshot-memory-size': 400, 'data.compact-full-write-cold-duration': seconds(300) };
    const filesAt = (at: number): number => {
      const simulation = new Simulation(planOf({ settings }), { batched: true });
      simulation.runTo(seconds(at));
      return simulation.world.storage.of(0, 0).runs.length;
    };
    const written = tell({ settings });
    expect(written.rules_exercised).toContain('influxdb.1-compaction');
    expect(filesAt(149)).toBeLessThan(8 + 4 + 4);
    expect(filesAt(149)).toBeGreaterThan(1);
    expect(filesAt(600)).toBe(1);
    expect(written.final.divergent_copies).toBe(0);
  });

  it('are compacted no faster than compact-throughput lets them', () => {
    const idleAt = (rate: number): number => {
      const simulation = new Simulation(
        planOf({ settings: { 'data.compact-throughput': rate }, entries: [away('n3', 50, 100)] }),
        { batched: true },
      );
      for (let at = 150; at < 720; at += 1) {
        simulation.runTo(seconds(at));
        if (
          simulation.world.storage.of(2, 1).runs.length === 1 &&
          simulation.world.storage.of(2, 1).memtable.count === 0
        )
          return at;
      }
      return Infinity;
    };
    expect(idleAt(100)).toBeGreaterThan(idleAt(0) + 20);
  });

  it('and digests go on from a saved state', () => {
    const plan = planOf({
      entries: [away('n3', 50, 100), repair(400)],
      settings: { 'data.cache-snapshot-memory-size': 400, 'data.compact-throughput': 500 },
      devices: { processor_bytes_per_second: 200 },
    });
    const straight = run(plan).result;
    for (const at of [120, 250, 290, 420]) {
      const first = new Simulation(plan, { batched: true });
      first.runTo(seconds(at));
      const second = new Simulation(plan, { batched: true });
      second.load(first.save());
      second.runTo(second.world.endMicros);
      expect(second.finish().result).toEqual(straight);
    }
  });
});

describe('what a digest costs', () => {
  it('grows with its ranges, at the same number of bytes', () => {
    const worked = (series: number): { bytes: number; work: number } => {
      // As many points of as many series, or of fewer with many values.
      const agents = { series, interval_micros: seconds(series / 10), until_micros: seconds(120) };
      const simulation = new Simulation(planOf({ agents, shape: { nodes: 2, replication: 2 } }), { batched: true });
      simulation.runTo(seconds(720));
      const { world } = simulation;
      if (!(world instanceof PointWorld)) throw new Error('a world of points is wanted');
      const { devices, processor } = world.devices;
      return { bytes: simulation.finish().result.storage.digest_bytes / 2, work: devices.busyBytes(processor[0]) };
    };
    const few = worked(10);
    const many = worked(200);
    expect(many.bytes).toBe(few.bytes);
    expect(many.work - many.bytes).toBe(20 * (few.work - few.bytes));
    expect(few.work).toBeGreaterThan(few.bytes);
  });

  it('is paid by the repair that wants it, and its transfer takes the network', () => {
    const story = (devices: Partial<Plan['devices']>, interval: number): Story => ({
      entries: [away('n3', 50, 100), repair(400)],
      settings: { 'anti-entropy.check-interval': seconds(interval) },
      devices,
    });
    const tables = ['shop.s2', 'shop.s3'];
    const asked = (given: Story): Result =>
      tell({ ...given, entries: [away('n3', 50, 100), { ...repair(400), shards: tables } as PlanEntry] });
    const unmade = asked(story({}, 9000)).repairs['repairs.ae'];
    const made = asked(story({}, 20)).repairs['repairs.ae'];
    expect(unmade.healed_copies).toBe(made.healed_copies);
    expect(unmade.trees).toBeGreaterThan(made.trees);
    expect(unmade.read_bytes).toBeGreaterThan(made.read_bytes);
    expect(unmade.tree_bytes).toBeGreaterThan(10 * 22 * 2);
    const took = ({ started_micros: from, finished_micros: to }: typeof made): number => (to ?? Infinity) - from;
    const slowDisk = asked(story({ disk_read_bytes_per_second: 400 }, 9000)).repairs['repairs.ae'];
    // Files of some seven thousand bytes, two of each shard, at four hundred a second.
    expect(took(slowDisk)).toBeGreaterThan(took(unmade) + seconds(20));
    const slowLink = asked(story({ link_bytes_per_second: 100 }, 9000)).repairs['repairs.ae'];
    expect(took(slowLink)).toBeGreaterThan((unmade.tree_bytes / 100) * 1e6 * 0.9);
  });
});

describe('an operator who asks for a repair', () => {
  const asked = (entries: PlanEntry[], off: readonly string[]): Result['repairs'][string] => {
    const plan = planOf({ entries: [away('n3', 50, 100), ...entries] });
    const nodes = plan.nodes.map((node) =>
      off.includes(node.id) ? { ...node, settings: { ...node.settings, 'anti-entropy.enabled': false } } : node,
    );
    return run({ ...plan, nodes }).result.repairs['repairs.ae'];
  };
  const ofAll: PlanEntry = { ...repair(400), shards: ['shop.s2', 'shop.s3'] } as PlanEntry;

  it('is refused by a node that is down, or has no anti-entropy', () => {
    const down = { ...away('n1', 390, 450), id: 'faults.down' } as PlanEntry;
    expect(asked([down, ofAll], [])).toMatchObject({ outcome: 'failed', failures: ['node 1 does not answer'] });
    const disabled = { outcome: 'failed', failures: ['anti-entropy is not enabled on node 1'], sent_rows: 0 };
    expect(asked([ofAll], ['n1', 'n2', 'n3'])).toMatchObject(disabled);
    expect(asked([ofAll], ['n1'])).toMatchObject(disabled);
  });

  it('gets it as far as the owners have it', () => {
    const through = asked([ofAll], []);
    expect(through.outcome).toBe('finished');
    // n3 would have to pass both shards on: s2 begins there, s3 comes there second.
    const ended = asked([ofAll], ['n3']);
    expect(ended).toMatchObject({ outcome: 'failed', failures: ['anti-entropy is not enabled on node 3'] });
    expect(ended.healed_copies).toBeLessThan(through.healed_copies);
  });
});

describe('what the service copies unasked', () => {
  it('has a ledger', () => {
    const lost: PlanEntry = {
      ...{ id: 'faults.disk', kind: 'crashNode', nodes: ['n3'], mode: 'disk-lost' },
      ...{ at_micros: seconds(350), for_micros: seconds(20) },
    };
    const { repairs, storage } = tell({ entries: [lost] });
    const ledger = repairs['anti-entropy'];
    expect(ledger).toMatchObject({
      strategy: 'auto-repair-missing',
      outcome: 'finished',
      sessions: storage.shards_copied,
    });
    expect(ledger.sent_bytes).toBeGreaterThan(0);
    expect(ledger.read_bytes).toBe(ledger.sent_bytes);
    expect(ledger.sstables_written).toBe(2);
    expect(tell({}).repairs).toEqual({});
  });
});
