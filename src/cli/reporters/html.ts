/** `--reporter html=FILE`: the page of a test, with each scenario, what did not hold, and how to see it again. */
import { VERSION } from '../../base/version.ts';
import { embedPage } from '../../report/page/embed-page.ts';
import { PAGE_FORMAT } from '../../report/page/page-data.ts';
import type { TestedScenario, TestPage } from '../../report/page/page-data.ts';
import { commandMistake } from '../command-mistake.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Judgement } from '../judge.ts';
import type { Terminal } from '../terminal.ts';
import { totals } from '../test-report.ts';
import type { Tested } from '../test-report.ts';

export function htmlReport(tested: Tested, code: ExitCode, terminal: Terminal): string {
  const template = terminal.pageTemplate?.('test') ?? null;
  if (template === null) {
    throw commandMistake('C193', 'the page of reports is not built', {
      expected: 'the built program',
      suggestion: 'npm run build',
    });
  }
  const { judgements, runs, seconds } = tested;
  const page: TestPage = {
    format: PAGE_FORMAT,
    kind: 'test',
    version: VERSION,
    title: `${judgements.length} scenarios tested`,
    scenarios: judgements.map(scenarioOf),
    runs: runs.runs,
    runsFromCache: runs.fromCache,
    seconds,
    outcome: totals(tested, code).trim(),
  };
  return embedPage(template, page);
}

function scenarioOf(judgement: Judgement): TestedScenario {
  const { file, name, status, held, undecided, expectations, variants, seconds, fingerprint, notes } = judgement;
  const { complaints, mistakes, bug, moved } = judgement;
  return {
    ...{ file, name, status, held, undecided, expectations, variants, seconds, fingerprint, notes },
    complaints: [
      ...complaints.map(({ expectation, expected, detail, seeds, variant, replay }) => ({
        expectation: [expectation, variant === null ? '' : `variant ${variant}`, seeds].filter(Boolean).join(' · '),
        said: [expected, detail].filter(Boolean).join(' – '),
        replay,
      })),
      ...mistakes.map(({ code, message, line }) => ({
        expectation: code,
        said: `line ${line}: ${message}`,
        replay: '',
      })),
      ...(bug === null ? [] : [{ expectation: 'a bug', said: bug.message, replay: bug.replay }]),
      ...(moved === null
        ? []
        : [{ expectation: 'moved', said: [moved.says, ...moved.details].join('; '), replay: moved.replay }]),
    ],
  };
}
