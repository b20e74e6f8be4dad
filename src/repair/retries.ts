/**
 * Messages of repair that are sent again when nothing is heard of them (cassandra.b26, 5.0 and later, off by default): which
 * ones, how often and after how long. Their sending is the host's. Not responsible for what follows when the last
 * attempt has failed.
 */
import { REPAIR_EVENT } from './event-kinds.ts';

/** All times in µs. */
export interface RetryRule {
  /** Attempts after the first one. */
  readonly attempts: number;
  /** How long an answer is waited for, each time. */
  readonly patienceMicros: number;
  /** Pause before the next attempt: this, twice this, …, at most the other. */
  readonly baseMicros: number;
  readonly maxMicros: number;
}

/** Never sent again: questions and answers about the state of a session. */
const SENT_ONCE: readonly number[] = [REPAIR_EVENT.statusAsked, REPAIR_EVENT.statusAnswered];

type Ask = (name: string) => number;

/** Null where the message is sent once. */
export function retryRuleOf(kind: number, setting: Ask): RetryRule | null {
  const isTree = kind === REPAIR_EVENT.summaryArrives;
  const prefix = isTree ? 'repair.retries.merkle_tree_response' : 'repair.retries';
  const attempts = setting('repair.retries.max_attempts');
  if (attempts === 0 || SENT_ONCE.includes(kind)) return null;
  return {
    attempts,
    patienceMicros: isTree ? Math.max(setting('request_timeout'), TREE_MICROS) : setting('repair_request_timeout'),
    baseMicros: setting(`${prefix}.base_sleep_time`),
    maxMicros: setting(`${prefix}.max_sleep_time`),
  };
}

/** cassandra.b26: an answer with trees may take five minutes. */
const TREE_MICROS = 300_000_000;

/** Pause before attempt `attempt`, from 1. */
export function pauseMicros({ baseMicros, maxMicros }: RetryRule, attempt: number): number {
  let pause = baseMicros;
  for (let step = 1; step < attempt && pause < maxMicros; step += 1) pause *= 2;
  return Math.min(pause, maxMicros);
}

/** From the first attempt until the last one is given up. */
export function totalPatienceMicros(rule: RetryRule): number {
  let total = rule.patienceMicros;
  for (let attempt = 1; attempt <= rule.attempts; attempt += 1)
    total += pauseMicros(rule, attempt) + rule.patienceMicros;
  return total;
}
