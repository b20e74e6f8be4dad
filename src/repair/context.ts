/**
 * What the parts of the repair machinery share: the host, the state, the ledger and the strategies, and a few verbs over
 * them (send, record, look up). It decides nothing; the parts do.
 */
import { Bug } from '../base/assert.ts';
import type { RepairPhase } from '../observe/result.ts';
import type { RepairHost } from './host.ts';
import type { LedgerBook } from './ledger.ts';
import type { StrategyRegistry } from './registry.ts';
import { retryRuleOf, totalPatienceMicros } from './retries.ts';
import type { RetryRule } from './retries.ts';
import { copyState, emptyState } from './state.ts';
import type { Command, RepairState } from './state.ts';
import type { RepairStrategy } from './strategy.ts';

/** What a message or event is about; see `event-kinds.ts`. */
export interface Operands {
  a: number;
  b: number;
}

export interface PhaseOptions {
  session: number;
  table: number;
  node: number | null;
  peer?: number;
  startMicros: number;
}

const SECOND_MICROS = 1_000_000;
/** cassandra.b7 and b26, 4.1. Used where a host leaves a setting unset. */
const DEFAULT_SETTINGS: Readonly<Record<string, number>> = {
  request_timeout: 10 * SECOND_MICROS,
  repair_request_timeout: 120 * SECOND_MICROS,
  concurrent_validations: 2,
  validation_preview_purge_head_start: 3600 * SECOND_MICROS,
  'repair.retries.base_sleep_time': SECOND_MICROS / 5,
  'repair.retries.max_sleep_time': SECOND_MICROS,
  'repair.retries.merkle_tree_response.base_sleep_time': 30 * SECOND_MICROS,
  'repair.retries.merkle_tree_response.max_sleep_time': 60 * SECOND_MICROS,
};

export class RepairContext {
  readonly host: RepairHost;
  readonly book: LedgerBook;
  readonly #strategies: StrategyRegistry;
  state: RepairState;

  constructor(host: RepairHost, strategies: StrategyRegistry, book: LedgerBook) {
    this.host = host;
    this.book = book;
    this.#strategies = strategies;
    this.state = emptyState(host.nodeCount);
  }

  get now(): number {
    return this.host.kernel.now;
  }

  newId(): number {
    const id = this.state.nextId;
    this.state.nextId += 1;
    return id;
  }

  strategy(name: string): RepairStrategy {
    const strategy = this.#strategies.get(name);
    if (strategy === undefined) throw new Bug(`there is no repair strategy ${name}`);
    return strategy;
  }

  setting(node: number, name: string): number {
    return this.host.setting(node, name) ?? DEFAULT_SETTINGS[name] ?? 0;
  }

  isOff(rule: string): boolean {
    return this.host.rules.isOff(rule);
  }

  mark(rule: string): void {
    this.host.rules.mark(rule);
  }

  /** A message; one to itself arrives at once, in an event of its own. */
  post(from: number, to: number, kind: number, operands: Operands, bytes?: number): void {
    const { a, b } = operands;
    if (from === to) this.host.kernel.schedule(this.now, kind, a, b);
    else this.host.send(from, to, { kind, a, b }, bytes, this.retryRule(from, kind));
  }

  /** cassandra.b26: how a message of this node is sent again; null = not at all. */
  retryRule(node: number, kind: number): RetryRule | null {
    return retryRuleOf(kind, (name) => this.setting(node, name));
  }

  /** An event after a time, for timeouts; it is not taken back but finds nothing left to do. */
  after(micros: number, kind: number, operands: Operands): void {
    this.host.kernel.schedule(this.now + micros, kind, operands.a, operands.b);
  }

  /** cassandra.b26: when a request that was not acknowledged is given up; never, in versions that just wait. */
  afterPatience(node: number, kind: number, operands: Operands): void {
    if (!this.host.behaviour.awaitsAcknowledgements) return;
    this.after(this.#patience(node, kind), kind, operands);
  }

  #patience(node: number, kind: number): number {
    const rule = this.retryRule(node, kind);
    return rule === null ? this.setting(node, 'repair_request_timeout') : totalPatienceMicros(rule);
  }

  record(kind: number, node: number, operands: { copy?: number; a: number; b: number; c: number }): void {
    const { copy = 0, a, b, c } = operands;
    this.host.trace.record(this.now, kind, node, copy, a, b, c);
  }

  /** Notes in the ledger a phase that ends now. */
  phase(entry: number, phase: RepairPhase['phase'], options: PhaseOptions): void {
    const { session, table, node, peer, startMicros } = options;
    this.book.phase(entry, {
      phase,
      session,
      table: this.host.tables[table]?.id ?? '',
      node: node === null ? null : this.host.nodeName(node),
      peer: peer === undefined ? null : this.host.nodeName(peer),
      start_micros: startMicros,
      end_micros: this.now,
    });
  }

  /** Has the participant heard of the command, in the life it has now? The coordinator always has. */
  knowsCommand(command: Command, node: number): boolean {
    if (node === command.node) return true;
    return command.registered[command.participants.indexOf(node)] === this.host.incarnation(node);
  }

  /** Does the command set apart and mark what it repairs, all replicas or none? */
  marksTwoPhase({ strategy }: { strategy: string }): boolean {
    return this.strategy(strategy).marking === 'two_phase';
  }

  /** Does each replica mark for itself what it holds, when the command is over? */
  marksAfterwards({ strategy }: { strategy: string }): boolean {
    return this.strategy(strategy).marking === 'after_repair';
  }

  save(): RepairState {
    return copyState(this.state);
  }

  load(state: RepairState): void {
    this.state = copyState(state);
  }
}
