/**
 * Answers what a page asks: runs the plan again in this very program, as far as it takes, with a watch on what is asked for.
 * Pure: no worker, no page, so tests call it as the worker does.
 */
import { MistakeError } from '../../base/mistake.ts';
import type { Mistake } from '../../base/mistake.ts';
import { VERSION } from '../../base/version.ts';
import { RECORD, RECORD_STRIDE } from '../../data/records.ts';
import { dialects } from '../../dialect/index.ts';
import { copyOf, kindOf, nodeOf, operandA, operandB, operandC, timeOf } from '../../kernel/trace.ts';
import type { TraceObserver } from '../../kernel/trace.ts';
import { lawNames } from '../../observe/expect-laws.ts';
import { METRICS } from '../../observe/metrics.ts';
import type { RowRecord, SessionRecord } from '../../observe/view/row-record.ts';
import { operatorView } from '../../operator/operator-view.ts';
import { ALGORITHM_NAMES, REPAIR_STRATEGIES } from '../../repair/registry.ts';
import { renderRow } from '../../report/explain-row.ts';
import { renderWhatIf } from '../../report/what-if.ts';
import { run } from '../../run/run.ts';
import { isEdit, loadPlan, parseEdit } from '../../scenario/load.ts';
import type { LoadOptions } from '../../scenario/load.ts';
import type { Plan } from '../../scenario/plan.ts';
import { watchEntropy } from '../../studies/entropy-watch.ts';
import { explainRow } from '../../studies/explain/explain-row.ts';
import { BlockHashes } from '../../studies/first-difference.ts';
import { renumberings, whatIf } from '../../studies/what-if.ts';
import type { WorldRun } from '../../studies/what-if.ts';
import { amissRows } from './amiss-rows.ts';
import type { Ask, CoreAnswers, CoreRequest, EditText } from './requests.ts';

/** What is asked for is not there: a reason for the person. */
export class Refused extends Error {}

export type OnShare = (share: number) => void;

const LOOK = { columns: 88, color: false };

type Of<Wanted extends Ask> = Extract<CoreRequest, { ask: Wanted }>;
type Answerer<Wanted extends Ask> = (request: Of<Wanted>, onShare: OnShare) => CoreAnswers[Wanted];

const ANSWERERS: { [Wanted in Ask]: Answerer<Wanted> } = {
  run: runAnswer,
  row: rowAnswer,
  rows: ({ plan, node, atMicros }, onShare) => amissRows(plan, { node, atMicros, onShare }),
  session: sessionAnswer,
  entropy: ({ plan, table, atMicros }, onShare) => watchEntropy(plan, { table, atMicros, onShare }),
  operator: operatorAnswer,
  'what-if': whatIfAnswer,
};

export function answerOf<Wanted extends Ask>(request: Of<Wanted>, onShare: OnShare): CoreAnswers[Wanted] {
  try {
    const answerer = ANSWERERS[request.ask] as Answerer<Wanted>;
    return answerer(request, onShare);
  } catch (error) {
    if (error instanceof MistakeError) throw new Refused(mistakeText(error.mistakes));
    throw error;
  }
}

function mistakeText(mistakes: readonly Mistake[]): string {
  return mistakes
    .map(({ code, message, expected, suggestion }) => {
      const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
      return `${code}: ${message}${expected === undefined ? '' : ` (expected: ${expected})`}.${hint}`;
    })
    .join('\n');
}

function sharesOf(plan: Plan, onShare: OnShare): (micros: number) => void {
  const end = plan.duration_micros + plan.settle_micros;
  return (micros) => onShare(micros / end);
}

function runAnswer({ plan }: Of<'run'>, onShare: OnShare): CoreAnswers['run'] {
  const { fingerprint, events } = run(plan, { onProgress: sharesOf(plan, onShare) }).result;
  return { fingerprint, events };
}

// ---------------------------------------------------------------- a row, a session

function rowAnswer({ plan, row, atMicros }: Of<'row'>, onShare: OnShare): CoreAnswers['row'] {
  const rules = dialects.find(({ name }) => name === plan.database.split('@')[0]);
  const rulesOf = (cause: Parameters<NonNullable<NonNullable<typeof rules>['rulesOfCause']>>[0]): readonly string[] =>
    rules?.rulesOfCause?.(cause) ?? [];
  let records: readonly RowRecord[] = [];
  const explanation = explainRow(
    plan,
    { by: 'key', ...row },
    { atMicros, rulesOf, onProgress: onShare, onRecords: (kept) => void (records = [...kept]) },
  );
  if ('problem' in explanation) throw new Refused(`${explanation.problem} (expected: ${explanation.expected})`);
  return { explanation, text: renderRow(explanation, LOOK), records };
}

const SESSION_RECORDS_MAX = 20_000;

/** Keeps what one repair session did. */
class SessionWatch implements TraceObserver {
  readonly records: SessionRecord[] = [];
  readonly #session: number;

  constructor(session: number) {
    this.#session = session;
  }

  fold(words: Int32Array, count: number): void {
    for (let at = 0; at < count * RECORD_STRIDE; at += RECORD_STRIDE) {
      const kind = kindOf(words, at);
      if (kind < RECORD.validationRequested || kind > RECORD.treesVisited) continue;
      if (operandA(words, at) !== this.#session || this.records.length >= SESSION_RECORDS_MAX) continue;
      this.records.push({
        ...{ at: timeOf(words, at), kind, node: nodeOf(words, at), other: copyOf(words, at) },
        ...{ session: this.#session, origin: operandB(words, at), detail: operandC(words, at) },
      });
    }
  }
}

function sessionAnswer({ plan, session }: Of<'session'>, onShare: OnShare): CoreAnswers['session'] {
  const watch = new SessionWatch(session);
  run(plan, { observers: [watch], onProgress: sharesOf(plan, onShare) });
  if (watch.records.length === 0) throw new Refused(`there is no repair session ${session}`);
  return { records: watch.records };
}

// ---------------------------------------------------------------- the operator

const TRUTH = '— the truth';

function operatorAnswer({ plan, node, command, atMicros }: Of<'operator'>): CoreAnswers['operator'] {
  const { lines } = operatorView(plan, { at: `${atMicros}us`, node, ...(command === '' ? {} : { command }) });
  const truth = lines.findIndex((line) => line.startsWith(TRUTH));
  return truth < 0 ? { sees: lines, truth: [] } : { sees: lines.slice(0, truth), truth: lines.slice(truth + 1) };
}

// ---------------------------------------------------------------- what if

const KNOWN: LoadOptions = {
  dialects,
  version: VERSION,
  metrics: METRICS,
  laws: lawNames(),
  strategies: [...REPAIR_STRATEGIES.keys(), ...ALGORITHM_NAMES],
};

/** @throws Refused with all mistakes of the edits */
export function editedPlan(plan: Plan, edits: readonly EditText[]): Plan {
  const read = edits.map(({ kind, text }) => parseEdit(kind, text));
  const wrong = read.filter((edit): edit is Mistake => !isEdit(edit));
  if (wrong.length > 0) throw new Refused(mistakeText(wrong));
  if (edits.length === 0) throw new Refused('nothing is edited');
  const loaded = loadPlan('plan.json', JSON.stringify(plan), { ...KNOWN, edits: read.filter(isEdit) });
  if (loaded.plan === null) throw new Refused(mistakeText(loaded.mistakes));
  return loaded.plan;
}

function whatIfAnswer({ plan, edits }: Of<'what-if'>, onShare: OnShare): CoreAnswers['what-if'] {
  const edited = editedPlan(plan, edits);
  const by = renumberings(plan, edited);
  const words = edits.map(({ kind, text }) => `--${kind} ${quoted(text)}`).join(' ');
  const base = worldOf(plan, { hashes: new BlockHashes(by.base), replay: 'reconverge run plan.json' }, (share) =>
    onShare(share / 2),
  );
  const hashes = new BlockHashes(by.edited);
  const other = worldOf(edited, { hashes, replay: `reconverge run plan.json ${words}` }, (share) =>
    onShare(0.5 + share / 2),
  );
  const study = whatIf(base, other);
  return { study, text: renderWhatIf(study, LOOK), output: other.output, editedPlan: edited };
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w.=+:/@%-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function worldOf(plan: Plan, { hashes, replay }: Pick<WorldRun, 'hashes' | 'replay'>, onShare: OnShare): WorldRun {
  const output = run(plan, { observers: [hashes], onProgress: sharesOf(plan, onShare) });
  return { plan, output, hashes, replay };
}
