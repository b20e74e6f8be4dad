/** The head of every page: what was run, how it ended, and how to run it again. */
import { VirtualClock } from '../../base/virtual-clock.ts';
import { formatCount, formatSpan, plural } from '../../base/human.ts';
import type { PageData, RunPage, SweepPage } from '../../report/page/page-data.ts';
import { CopyButton } from './copy-button.tsx';
import { switchTheme, themeStore } from './theme.ts';
import { useStore } from './use-store.ts';

export function PageHead({ page }: { page: PageData }) {
  return (
    <header class="page-head">
      <div class="head-row">
        <p class="brand">Reconverge</p>
        <ThemeButton />
      </div>
      <h1>{page.title}</h1>
      <p class="facts">{factsOf(page).join(' · ')}</p>
      {page.kind === 'run' && <RunHead page={page} />}
      {page.kind === 'sweep' && <Replay command={page.replay} />}
      {page.kind === 'test' && <p class="outcome">{page.outcome}</p>}
    </header>
  );
}

function factsOf(page: PageData): string[] {
  switch (page.kind) {
    case 'run':
      return runFacts(page);
    case 'compare':
      return [
        page.database.replace('@', ' '),
        `${plural(page.comparison.strategies.length, 'strategy', 'strategies')} × ${plural(page.comparison.seeds.length, 'seed')}`,
        plural(page.comparison.runs, 'run'),
        formatSpan(page.endMicros),
      ];
    case 'sweep':
      return [
        page.database.replace('@', ' '),
        `${plural(page.summary.cells.length, 'cell')} × ${seedsText(page.summary)}`,
        `${plural(page.summary.done, 'run')} done`,
        ...(page.summary.missing > 0 ? [`${formatCount(page.summary.missing)} missing`] : []),
        ...(page.summary.failed.length > 0 ? [`${formatCount(page.summary.failed.length)} failed`] : []),
      ];
    case 'test':
      return [
        plural(page.runs, 'run'),
        `${formatCount(page.runsFromCache)} from cache`,
        `${page.seconds.toFixed(0)} s`,
      ];
  }
}

/** All that the study has, or fewer where it may stop early. */
function seedsText({ seeds, seedsUsed }: SweepPage['summary']): string {
  return seedsUsed < seeds.length ? `${seedsUsed} of ${plural(seeds.length, 'seed')}` : plural(seeds.length, 'seed');
}

function runFacts({ plan, result }: RunPage): string[] {
  const day = new VirtualClock(plan.start, result.virtual_micros).startDay();
  return [
    result.database.replace('@', ' '),
    plural(plan.nodes.length, 'node'),
    `${formatSpan(result.virtual_micros)}${day === '' ? '' : ` from ${day}`}`,
    `seed ${plan.seed}`,
    plural(result.writes.issued, 'write'),
    `${formatCount(result.events)} events`,
  ];
}

function RunHead({ page }: { page: RunPage }) {
  return (
    <>
      <Verdicts page={page} />
      <Story text={page.plan.story} />
      <Replay command={page.replay} fingerprint={page.result.fingerprint} />
    </>
  );
}

function Replay({ command, fingerprint }: { command: string; fingerprint?: string }) {
  return (
    <div class="replay">
      <code>{command}</code>
      <CopyButton text={command} label="Copy" />
      {fingerprint !== undefined && (
        <span class="fingerprint">
          fingerprint <code>{fingerprint}</code>
        </span>
      )}
    </div>
  );
}

/** Paragraphs end at an empty line; other ends of lines are those of the file. */
function Story({ text }: { text: string }) {
  const paragraphs = text.split(/\n\s*\n/).map((part) => part.trim().replaceAll(/\s+/g, ' '));
  return (
    <>
      {paragraphs
        .filter((part) => part !== '')
        .map((part) => (
          <p key={part} class="story">
            {part}
          </p>
        ))}
    </>
  );
}

const SIGNS = { held: '✓', violated: '✗', undecided: '?' } as const;

function Verdicts({ page }: { page: RunPage }) {
  const verdicts = Object.entries(page.result.expectations);
  if (verdicts.length === 0) return null;
  return (
    <ul class="verdicts" aria-label="Expectations">
      {verdicts.map(([id, { verdict, expected, detail }]) => (
        <li key={id} class={`verdict ${verdict}`} title={`${expected}\n${detail}`}>
          <span aria-hidden="true">{SIGNS[verdict]}</span> {id}{' '}
          <span class="unseen">{`${verdict}: ${expected}; ${detail}`}</span>
        </li>
      ))}
    </ul>
  );
}

function ThemeButton() {
  const theme = useStore(themeStore, (state) => state.theme);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <button type="button" class="small theme" onClick={switchTheme} aria-label={`Show in ${other} colours`}>
      {theme === 'dark' ? '☀ light' : '☾ dark'}
    </button>
  );
}
