/**
 * What operators do to a running cluster, and damage that concerns whole files: settings and switches of nodes, ALTER
 * TABLE, restarts, SSTables that are gone, a table that goes back to an old snapshot, a load that differs from the start.
 * Plans name them as entries; when they begin and end is in faults.ts. What nodetool changes is forgotten when the process
 * ends: a started node has what its cassandra.yaml says (cassandra.e20).
 */
import type { Rules } from '../base/rules.ts';
import { CAUSE } from '../data/causes.ts';
import { copyIndexOf, ordinalOfSlot } from '../data/build-layout.ts';
import type { TableLayout } from '../data/layout.ts';
import { RECORD } from '../data/records.ts';
import type { Run } from '../data/run.ts';
import type { Versions } from '../data/versions.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { derive, draw32, type StreamKey } from '../kernel/random.ts';
import type { Trace } from '../kernel/trace.ts';
import type { Cluster } from '../replica/cluster.ts';
import type { CompactionManager } from '../replica/compaction.ts';
import type { HandoffSettings, HandoffSwitches } from '../replica/handoff-switches.ts';
import type { Hints } from '../replica/hints.ts';
import { contentAsRuns, replaceContent } from '../replica/table-content.ts';
import type { RunWriter } from '../replica/run-writer.ts';
import type { Storage } from '../replica/storage.ts';
import type { OperationEntry } from '../scenario/entry-kinds.ts';
import type { SettingValue } from '../scenario/plan.ts';
import type { PlanNumbers } from './build-cluster.ts';
import type { NodeDevices } from './devices.ts';
import { divergedSlots } from './diverged-load.ts';
import { handoffOf } from './settings.ts';

type EntryOf<K extends OperationEntry['kind']> = Extract<OperationEntry, { kind: K }>;
type Values = Readonly<Record<string, SettingValue>>;

const MICROS_PER_SECOND = 1e6;

export interface OperationsOptions {
  kernel: Kernel;
  trace: Trace;
  rules: Rules;
  versions: Versions;
  tables: readonly TableLayout[];
  numbers: PlanNumbers;
  cluster: Cluster;
  storage: Storage;
  runs: RunWriter;
  compaction: CompactionManager;
  hints: Hints;
  handoff: HandoffSwitches;
  devices: NodeDevices;
  /** By node: the settings that can change, as its cassandra.yaml has them. */
  yaml: readonly Values[];
  damageKey: StreamKey;
}

/** A node goes down in good order, and comes back. */
export interface NodeStops {
  stop(node: number, origin: number): void;
  restart(node: number, origin: number): void;
}

export interface OperationsState {
  yaml: Values[];
  now: Values[];
  fileBy: Record<string, number>[];
  before: [entry: number, values: [node: number, values: Values][]][];
  snapshots: [entry: number, runs: Run[]][];
  gcGrace: { now: number; before: TableLayout['gcGraceBefore'] }[];
}

export class Operations {
  /** Set by whoever builds the world. */
  nodes: NodeStops | null = null;
  readonly #o: OperationsOptions;
  readonly #yaml: Values[];
  readonly #now: Values[];
  /** By node and setting: the restart that wrote it into the file. */
  readonly #fileBy: Readonly<Record<string, number>>[];
  /** What an operation will change back, by the entry's index. */
  #before = new Map<number, [node: number, values: Values][]>();
  #snapshots = new Map<number, Run[]>();

  constructor(options: OperationsOptions) {
    this.#o = options;
    this.#yaml = options.yaml.map((values) => ({ ...values }));
    this.#now = options.yaml.map((values) => ({ ...values }));
    this.#fileBy = options.yaml.map(() => ({}));
  }

  /** The entry begins; whoever calls schedules its end. */
  starts(index: number, entry: OperationEntry, origin: number): void {
    const { kernel, trace } = this.#o;
    const node = 'node' in entry ? this.#node(entry.node) : 'nodes' in entry ? this.#node(entry.nodes?.[0] ?? '') : 0;
    trace.record(kernel.now, RECORD.operationBegan, node, 0, 0, origin, 0);
    if (entry.kind === 'loseSstables') this.#loseSstables(entry, origin);
    else if (entry.kind === 'restoreSnapshot') this.#restore(index, entry, origin);
    else if (entry.kind === 'divergeLoaded') this.#diverge(entry, origin);
    else if (entry.kind === 'restartNode')
      for (const each of this.#running(entry.nodes)) this.nodes?.stop(each, origin);
    else this.#command(index, entry, origin);
  }

  /** It ends; of a snapshot that is restored later: it is taken. */
  ends(index: number, entry: OperationEntry, origin: number): void {
    const { kernel, trace, handoff, compaction } = this.#o;
    if (entry.kind === 'restoreSnapshot') {
      const place = this.#o.storage.of(this.#node(entry.node), this.#table(entry.table).index);
      this.#snapshots.set(index, contentAsRuns(place, this.#o.runs));
      return;
    }
    const node = 'nodes' in entry ? this.#node(entry.nodes?.[0] ?? '') : 0;
    trace.record(kernel.now, RECORD.operationEnded, node, 0, 0, origin, 0);
    if (entry.kind === 'changeSettings') {
      for (const [each, values] of this.#before.get(index) ?? []) this.#change(each, values, origin);
      this.#before.delete(index);
    } else if (entry.kind === 'pauseHandoff')
      for (const each of this.#running(entry.nodes)) handoff.setPaused(each, false);
    else if (entry.kind === 'switchCompaction')
      for (const each of this.#running(entry.nodes))
        for (const table of this.#tables(entry.tables)) compaction.setAutomatic(each, table, !entry.enabled);
    else if (entry.kind === 'restartNode') this.#startAgain(entry, origin);
  }

  /** A process has begun: what was changed while the one before it ran is forgotten. */
  nodeStarted(node: number): void {
    const { handoff, compaction, tables } = this.#o;
    this.#set(node, this.#yaml[node]);
    const now = this.#handoffOf(node);
    const by = this.#fileBy[node];
    handoff.begin(node, now, {
      all: by[ENABLED] ?? 0,
      dcs: now.disabledDcs.map((dc) => [dc, by[DISABLED_DCS] ?? 0]),
    });
    for (const { index } of tables) compaction.setAutomatic(node, index, true);
  }

  // ---------------------------------------------------------------- commands and statements

  #command(
    index: number,
    entry: Exclude<OperationEntry, { kind: 'loseSstables' | 'restoreSnapshot' | 'divergeLoaded' | 'restartNode' }>,
    origin: number,
  ): void {
    const { handoff, compaction, hints, cluster } = this.#o;
    // What is typed at a node that is down does nothing.
    const nodes = this.#running(entry.nodes);
    if (entry.kind === 'alterTable' && nodes.length > 0) this.#alter(entry, nodes[0], origin);
    if (entry.kind === 'changeSettings' && entry.for_micros !== null)
      this.#before.set(
        index,
        nodes.map((node) => [node, this.#partOf(node, entry)]),
      );
    for (const node of nodes) {
      if (entry.kind === 'pauseHandoff' || entry.kind === 'resumeHandoff')
        handoff.setPaused(node, entry.kind === 'pauseHandoff');
      else if (entry.kind === 'changeSettings')
        this.#change(node, { ...entry.settings, ...this.#dcHints(node, entry) }, origin);
      else if (entry.kind === 'switchCompaction')
        for (const table of this.#tables(entry.tables)) compaction.setAutomatic(node, table, entry.enabled);
      else if (entry.kind === 'truncateHints') {
        const all = Array.from({ length: cluster.count }, (_none, target) => target);
        hints.truncate(node, entry.targets.length === 0 ? all : entry.targets.map((id) => this.#node(id)), origin);
      }
    }
  }

  /** cassandra.h11: the purge, the strip of tombstones and the life of hints follow from now on. The schema is everywhere at once. */
  #alter({ table: id, gc_grace_micros: micros }: EntryOf<'alterTable'>, node: number, origin: number): void {
    const { kernel, trace, rules, storage } = this.#o;
    const table = this.#table(id);
    if (table.gcGraceMicros === micros) return;
    rules.mark('cassandra.h11');
    const earlier = { untilMicros: kernel.now, gcGraceMicros: table.gcGraceMicros };
    table.gcGraceBefore = [...(table.gcGraceBefore ?? []), earlier];
    table.gcGraceMicros = micros;
    storage.gcGraceChanged(table);
    trace.record(kernel.now, RECORD.gcGraceChanged, node, 0, table.index, origin, micros / MICROS_PER_SECOND);
  }

  #startAgain({ nodes, settings }: EntryOf<'restartNode'>, origin: number): void {
    for (const id of nodes) {
      const node = this.#node(id);
      this.#yaml[node] = { ...this.#yaml[node], ...settings };
      const written = Object.keys(settings).map((name): [string, number] => [name, origin]);
      this.#fileBy[node] = { ...this.#fileBy[node], ...Object.fromEntries(written) };
      this.nodes?.restart(node, origin);
    }
  }

  // ---------------------------------------------------------------- settings

  /** What of a node's settings the entry changes, as it is now. */
  #partOf(node: number, entry: EntryOf<'changeSettings'>): Values {
    const names = [...Object.keys(entry.settings), ...(entry.dc_hints === null ? [] : [DISABLED_DCS])];
    return Object.fromEntries(names.map((name) => [name, this.#now[node][name] ?? null]));
  }

  #dcHints(node: number, { dc_hints: change }: EntryOf<'changeSettings'>): Values {
    if (change === null) return {};
    const disabled = textsOf(this.#now[node][DISABLED_DCS]).filter((dc) => dc !== change.dc);
    return { [DISABLED_DCS]: change.stored ? disabled : [...disabled, change.dc] };
  }

  #handoffOf(node: number): HandoffSettings {
    return handoffOf(this.#now[node], this.#o.numbers.dcs);
  }

  #change(node: number, values: Values, origin: number): void {
    this.#set(node, values);
    this.#o.handoff.change(node, this.#handoffOf(node), origin);
  }

  /** All but the switches of handoff, which know who turned them. */
  #set(node: number, values: Values): void {
    const { devices } = this.#o;
    this.#now[node] = { ...this.#now[node], ...values };
    const throttles = [
      ['compaction_throughput', devices.compactionThrottle],
      ['stream_throughput_outbound', devices.streamThrottle],
      ['inter_dc_stream_throughput_outbound', devices.interDcThrottle],
    ] as const;
    for (const [name, resources] of throttles)
      if (Object.hasOwn(values, name)) devices.devices.setCapacity(resources[node], Number(values[name]) || Infinity);
  }

  // ---------------------------------------------------------------- files

  #loseSstables({ node: id, table: name, count, which }: EntryOf<'loseSstables'>, origin: number): void {
    const { kernel, trace, storage, compaction } = this.#o;
    const node = this.#node(id);
    const table = this.#table(name);
    const place = storage.of(node, table.index);
    // Those of a session that is open are left out: its end would look for them.
    const whole = place.runs.filter(
      (run) => run.pendingRepair === 0 && compaction.heldBy(node, table.index, run) === 0,
    );
    const lost = this.#chosen(whole, which).slice(0, count);
    trace.record(kernel.now, RECORD.sstablesLost, node, 0, table.index, origin, lost.length);
    compaction.stopReading(node, table.index, lost);
    const runs = place.runs.filter((run) => !lost.includes(run));
    this.#replace(node, table, { runs, keepsMemory: true }, CAUSE.sstableLost | (origin << 8));
  }

  #chosen(runs: readonly Run[], which: EntryOf<'loseSstables'>['which']): Run[] {
    const { damageKey } = this.#o;
    const rank = (run: Run): number => {
      if (which === 'largest') return -run.bytes;
      if (which === 'drawn') return draw32(damageKey.k0, damageKey.k1 ^ 0x5f356495, run.id);
      return which === 'oldest' ? run.minTimestamp : -run.maxTimestamp;
    };
    return [...runs].sort((left, right) => rank(left) - rank(right) || left.id - right.id);
  }

  /** The node is taken down for it, in good order, and started at once. */
  #restore(index: number, { node: id, table: name }: EntryOf<'restoreSnapshot'>, origin: number): void {
    const { kernel, trace, cluster } = this.#o;
    const runs = this.#snapshots.get(index);
    if (runs === undefined) return;
    const node = this.#node(id);
    const table = this.#table(name);
    const isUp = cluster.running[node] === 1;
    if (isUp) this.nodes?.stop(node, origin);
    const changed = this.#replace(node, table, { runs, keepsMemory: false }, CAUSE.oldDataRestored | (origin << 8));
    trace.record(kernel.now, RECORD.oldDataRestored, node, 0, table.index, origin, changed);
    if (isUp) this.nodes?.restart(node, origin);
    this.#snapshots.delete(index);
  }

  /** Gives how many slots show something else now. */
  #replace(
    node: number,
    table: TableLayout,
    content: { runs: readonly Run[]; keepsMemory: boolean },
    detail: number,
  ): number {
    const { kernel, trace, storage } = this.#o;
    let changed = 0;
    replaceContent(storage, { node, table, ...content }, (slot, version) => {
      const copy = copyIndexOf(table, ordinalOfSlot(table, slot), node);
      trace.record(kernel.now, RECORD.reverted, node, copy, version, slot, detail);
      changed += 1;
    });
    return changed;
  }

  #diverge(entry: EntryOf<'divergeLoaded'>, origin: number): void {
    const { kernel, trace, storage, versions, cluster, damageKey } = this.#o;
    const table = this.#table(entry.table);
    const nodes = entry.nodes?.map((id) => this.#node(id)) ?? null;
    const key = derive(damageKey, table.index + 1);
    const older = entry.copy === 'older' ? new Map<number, number>() : null;
    let copies = 0;
    for (let node = 0; node < cluster.count; node += 1) {
      const { slots, ids } = divergedSlots({ table, node, nodes, share: entry.share, key, versions, older, storage });
      if (slots.length === 0) continue;
      storage.damage(node, table.index, slots, ids);
      slots.forEach((slot, index) => {
        const copy = copyIndexOf(table, ordinalOfSlot(table, slot), node);
        const detail = CAUSE.loadedDiverged | (origin << 8);
        trace.record(kernel.now, RECORD.reverted, node, copy, ids[index], slot, detail);
      });
      copies += slots.length;
    }
    trace.record(kernel.now, RECORD.loadDiverged, 0, 0, table.index, origin, copies);
  }

  // ---------------------------------------------------------------- state, names

  save(): OperationsState {
    return {
      yaml: this.#yaml.map((values) => ({ ...values })),
      now: this.#now.map((values) => ({ ...values })),
      fileBy: this.#fileBy.map((by) => ({ ...by })),
      before: [...this.#before].map(([entry, values]) => [entry, values.map(([node, own]) => [node, { ...own }])]),
      snapshots: [...this.#snapshots].map(([entry, runs]) => [entry, [...runs]]),
      gcGrace: this.#o.tables.map(({ gcGraceMicros, gcGraceBefore }) => ({
        now: gcGraceMicros,
        before: gcGraceBefore,
      })),
    };
  }

  load(state: OperationsState): void {
    state.yaml.forEach((values, node) => (this.#yaml[node] = { ...values }));
    // Switches and devices are restored by themselves.
    state.now.forEach((values, node) => (this.#now[node] = { ...values }));
    state.fileBy.forEach((by, node) => (this.#fileBy[node] = { ...by }));
    this.#before = new Map(state.before);
    this.#snapshots = new Map(state.snapshots.map(([entry, runs]) => [entry, [...runs]]));
    state.gcGrace.forEach(({ now, before }, index) => {
      const table = this.#o.tables[index];
      table.gcGraceMicros = now;
      if (before === undefined) delete table.gcGraceBefore;
      else table.gcGraceBefore = before;
    });
  }

  #running(ids: readonly string[]): number[] {
    const { cluster } = this.#o;
    return ids.map((id) => this.#node(id)).filter((node) => cluster.running[node] === 1 && cluster.paused[node] === 0);
  }

  #node(id: string): number {
    return this.#o.numbers.nodeOf.get(id) ?? 0;
  }

  #tables(ids: readonly string[]): number[] {
    return this.#o.tables.filter(({ id }) => ids.includes(id)).map(({ index }) => index);
  }

  #table(id: string): TableLayout {
    return this.#o.tables.find((table) => table.id === id) ?? this.#o.tables[0];
  }
}

const ENABLED = 'hinted_handoff_enabled';
const DISABLED_DCS = 'hinted_handoff_disabled_datacenters';

function textsOf(value: SettingValue | undefined): readonly string[] {
  return Array.isArray(value) ? value : [];
}
