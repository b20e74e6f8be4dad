/**
 * `import { expectScenario } from 'reconverge/vitest'`: a scenario as a test of Vitest (or any other runner): it fails with
 * what `reconverge test` would print, the replay command first.
 */
import { processTerminal } from './terminal.ts';
import { complaintText } from './test-report.ts';
import { bugFoundText, mistakeText } from './failure.ts';
import type { Judgement } from './judge.ts';
import { loadedModelHash } from './testing/cache.ts';
import { judgeFiles } from './testing/judge-files.ts';

// A worker may live long: answers are those of the program as it is loaded now.
loadedModelHash();

export interface ScenarioOptions {
  /** Its variants too: each must break what it names. */
  prove?: boolean;
  /** Instead of its own. */
  seeds?: readonly string[];
  /** Where relative names begin; default: the folder of the process. */
  folder?: string;
  /** Answers of earlier runs count where nothing changed. Default true. */
  cache?: boolean;
}

/**
 * Runs one scenario file and judges its expectations and its golden.
 * @throws Error with the text of `reconverge test` unless all of them held
 */
export async function expectScenario(file: string, options: ScenarioOptions = {}): Promise<void> {
  const { prove = false, seeds = null, cache = true } = options;
  const terminal = { ...processTerminal(), folder: options.folder ?? process.cwd() };
  const judging = judgeFiles([{ path: file, mistake: null }], terminal, {
    ...{ prove, seeds, accepts: false, against: null, workers: 1, maxMillis: Infinity, quiet: true },
    cached: cache,
  });
  try {
    for await (const judgement of judging.judgements) {
      if (judgement.status !== 'held') throw new Error(await textOf(judgement));
    }
  } finally {
    await judging.close();
  }

  async function textOf(judgement: Judgement): Promise<string> {
    const { mistakes, sources, bug } = judgement;
    if (bug !== null) return bugFoundText(bug, true);
    if (mistakes.length > 0) return mistakeText(mistakes, sources, terminal, { noColor: true });
    return complaintText([judgement], false).trim();
  }
}
