/** `advise`: candidate repairs compared from one moment of a run, and which of them is advised. Writes no files. */
import { dialects } from '../dialect/index.ts';
import { plural } from '../base/human.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { renderAdvice } from '../report/advise.ts';
import { jsonText } from '../report/json.ts';
import { hintWindows } from '../report/run-deadlines.ts';
import type { DialectRules } from '../scenario/dialect-rules.ts';
import { nearestName } from '../scenario/nearest.ts';
import type { Plan } from '../scenario/plan.ts';
import { isUnitProblem, parseDuration } from '../scenario/units.ts';
import { concludeAdvice, firstJobs, furtherJobs, prepareAdvice } from '../studies/advise/advise.ts';
import type { FutureJob, Prepared } from '../studies/advise/advise.ts';
import type { Advice, FutureRun } from '../studies/advise/advice.ts';
import { candidateIdsOf } from '../studies/advise/candidates.ts';
import type { CommandReader } from '../studies/advise/candidates.ts';
import { futurePlan } from '../studies/advise/futures.ts';
import { momentAsked } from '../studies/explain/watched-run.ts';
import { lastFault } from '../studies/advise/last-fault.ts';
import type { Command } from './command.ts';
import { commandMistake } from './command-mistake.ts';
import { EXIT } from './exit-codes.ts';
import { mistakeOrBug, showWarnings } from './failure.ts';
import { readInput } from './input.ts';
import { InterruptedError } from './interrupt.ts';
import { refuseMemory } from './memory.ts';
import { momentOption } from './moment-option.ts';
import { Progress } from './progress.ts';
import { runArgument } from './run-argument.ts';
import { runLook, runStudy, studyWorkers } from './study-work.ts';
import { columnsOf, wantsColor } from './terminal.ts';
import { seedsOption } from './testing/test-options.ts';
import { flag, textOption, wholeOption } from './words.ts';
import type { Words } from './words.ts';

const FUTURES = ['1', '2', '3'];
/** Every part of a future runs the past again: more of them gain little. */
const PARTS_MAX = 4;
/** Clients go on to be run so long. */
const DAY_MICROS = 86_400_000_000;
const AHEAD_DAYS_MAX = 3650;

export const adviseCommand: Command = async (words, terminal, typed) => {
  const columns = columnsOf(terminal.out, wholeOption(words, 'columns', 40, 400));
  const isJson = flag(words, 'json');
  const aheadMicros = aheadOption(words);
  const futures = seedsOption(words) ?? FUTURES;
  const input = readInput(runArgument(words, terminal), terminal);
  const { plan } = input;
  const only = candidatesOption(words, candidateIdsOf(plan));
  await showWarnings(input, terminal, flag(words, 'no-color'));
  refuseMemory(plan, terminal);
  const asked = momentOption(words, plan, typed, 'from');
  const fault = lastFault(plan);
  const progress = new Progress(terminal, { quiet: isJson });
  progress.label(plan.name);
  try {
    const reader = readerOf(plan);
    const atMicros = asked ?? fault.micros;
    const untilMicros = momentAsked(plan, atMicros).until;
    const situation = await runLook({ kind: 'situation', plan, untilMicros }, terminal, (share) =>
      progress.show(share / (futures.length + 1)),
    );
    if (situation === null) throw interrupted(0, futures.length);
    const moment = asked === null ? fault.called : null;
    const prepared = prepareAdvice(plan, situation, { ...{ atMicros, moment, aheadMicros, futures, only }, reader });
    const advice = prepared.offered.length === 0 ? prepared.advice : await compared(prepared);
    progress.clear();
    const clock = new VirtualClock(plan.start, Math.max(advice.end_micros, advice.until_micros));
    const windows =
      plan.points !== undefined ? [] : hintWindows(plan, { virtual_micros: prepared.fromMicros }, clock, 'then');
    const color = wantsColor(terminal, terminal.out, flag(words, 'no-color'));
    terminal.out.write(isJson ? jsonText(advice) : renderAdvice(advice, { columns, color, windows }));
    return EXIT.held;
  } catch (error) {
    progress.clear();
    throw mistakeOrBug(error, typed);
  }

  /** All candidates in one future, and those that are left in the others. */
  async function compared(prepared: Prepared): Promise<Advice> {
    const jobsMax = Math.max(PARTS_MAX, futures.length);
    const longest = futurePlan(plan, { ...prepared, seed: futures[0] });
    refuseMemory(longest, terminal);
    const workers = studyWorkers(words, terminal, { plan: longest, jobs: jobsMax });
    const from = 1 / (futures.length + 1);
    const run = async (jobs: readonly FutureJob[], begun: number, ended: number): Promise<FutureRun[][]> => {
      const { answers, isInterrupted } = await runStudy(
        jobs.map((job) => ({ kind: 'future' as const, ...job })),
        terminal,
        { workers, onProgress: (share) => progress.show(begun + share * (ended - begun)) },
      );
      const whole = answers.flatMap((runs) => (runs === null ? [] : [runs]));
      const before = begun === from ? 0 : 1;
      if (isInterrupted) throw interrupted(before === 0 ? 0 : before + whole.length, prepared.advice.futures.length);
      return whole;
    };
    const first = (await run(firstJobs(prepared, plan, Math.min(workers, PARTS_MAX)), from, 2 * from)).flat();
    const jobs = furtherJobs(prepared, plan, first);
    const runs = await run(jobs, 2 * from, 1);
    return concludeAdvice(
      prepared,
      first,
      jobs.map((job, index) => ({ job, runs: runs[index] })),
    );
  }
};

/** From some futures alone nothing is advised: the other candidates may do better in the rest. */
function interrupted(done: number, of: number): InterruptedError {
  return new InterruptedError(
    `interrupted: ${done} of ${plural(of, 'future')} had been looked at; nothing is advised, nothing was written`,
  );
}

function candidatesOption(words: Words, all: readonly string[]): string[] | null {
  const text = textOption(words, 'candidates');
  if (text === null) return null;
  const ids = text.split(',').map((id) => id.trim());
  const unknown = ids.find((id) => !all.includes(id));
  if (unknown === undefined) return ids;
  const nearest = nearestName(unknown, all);
  throw commandMistake('C180', `there is no candidate "${unknown}"`, {
    expected: all.join(' | '),
    found: unknown,
    ...(nearest === null ? {} : { suggestion: nearest }),
  });
}

/** How far ahead is looked, µs. */
function aheadOption(words: Words): number | null {
  const text = textOption(words, 'for');
  if (text === null) return null;
  const micros = parseDuration(text);
  if (!isUnitProblem(micros) && micros > 0 && micros <= AHEAD_DAYS_MAX * DAY_MICROS) return micros;
  const why = isUnitProblem(micros) ? `: ${micros.message}` : micros === 0 ? ': no time at all' : ': too long';
  throw commandMistake('C102', `--for ${text}${why}`, {
    expected: `a duration up to ${AHEAD_DAYS_MAX}d, such as 6h`,
    found: text,
  });
}

/** What the tools of the plan's version take. */
function readerOf(plan: Plan): CommandReader {
  const { database, nodes } = plan;
  const rules: DialectRules | undefined = dialects.find(({ name }) => name === database.split('@')[0]);
  if (rules === undefined) {
    throw commandMistake('C181', `advise knows no repair commands of ${database}`, {
      expected: dialects.map(({ name }) => name).join(' | '),
    });
  }
  const tables = plan.tables.map(({ id, keyspace, name }) => ({ id, keyspace, name }));
  return {
    compose: (asked) => {
      const composed = rules.scheduledCommand(database, { ...asked, by: 'reaper' });
      return 'mistake' in composed ? { why: composed.mistake.message } : composed;
    },
    read: (command, node) => {
      const read = rules.readRepairCommand(command, { database, node, nodes, tables });
      if ('options' in read) return { options: read.options };
      const [{ message, found, notes = [] }] = read.mistakes;
      const said = notes.find((note) => note.startsWith('nodetool says'));
      return {
        why: [message, ...(found === undefined || message.includes(found) ? [] : [`(${found})`]), said]
          .filter(Boolean)
          .join(' '),
      };
    },
  };
}
