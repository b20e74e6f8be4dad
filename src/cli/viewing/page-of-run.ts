/**
 * The data of a run's page: out of the `report.html` beside the plan, if that is of the same run and of this program, else
 * by running the plan again, which gives the same.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { VERSION } from '../../base/version.ts';
import { readEmbedded } from '../../report/page/embed-page.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import { runPage } from '../../report/page/run-page.ts';
import { planHash } from '../../scenario/load.ts';
import { PageWatch } from '../../studies/page-watch.ts';
import { executePlan } from '../execute.ts';
import { replayCommand, showWarnings } from '../failure.ts';
import { readInput } from '../input.ts';
import { PAGE_FILE } from '../report-page.ts';
import { runArgument } from '../run-argument.ts';
import { shownPath } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { flag } from '../words.ts';
import type { Words } from '../words.ts';

export async function pageOfRun(words: Words, terminal: Terminal, typed: readonly string[]): Promise<RunPage> {
  const path = runArgument(words, terminal);
  const input = readInput(path, terminal);
  const replay = replayCommand(['run', shownPath(terminal, path)]);
  const kept = keptPage(resolve(terminal.folder, path), planHash(input.plan));
  if (kept !== null) return { ...kept, plan: input.plan, replay };
  await showWarnings(input, terminal, flag(words, 'no-color'));
  const again = { mode: 'batched', twice: false, quiet: false, replay: replayCommand(typed) } as const;
  const watch = new PageWatch(input.plan);
  const { output } = await executePlan(input.plan, terminal, { ...again, ...watch.watching });
  return runPage(output, input.plan, { replay, view: watch.view() });
}

/** What is judged anew at every run (expectations) is part of the page, so the plan must be the same to the letter. */
function keptPage(path: string, hash: string): RunPage | null {
  const file = join(dirname(path), PAGE_FILE);
  if (basename(path) !== 'plan.json' || !existsSync(file)) return null;
  const data = readEmbedded(readFileSync(file, 'utf8'));
  if (data === null || data.kind !== 'run' || data.version !== VERSION || data.result.plan_hash !== hash) return null;
  return JSON.stringify(data.plan.expect) === JSON.stringify(planAt(path).expect) ? data : null;
}

function planAt(path: string): Pick<RunPage['plan'], 'expect'> {
  return JSON.parse(readFileSync(path, 'utf8')) as Pick<RunPage['plan'], 'expect'>;
}
