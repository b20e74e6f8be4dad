/** The head of every page: what was run, how it ended, and how to run it again. */
import { VirtualClock } from '../../base/virtual-clock.ts';
import { formatCount, formatSpan, plural } from '../../base/human.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import { CopyButton } from './copy-button.tsx';
import { switchTheme, themeStore } from './theme.ts';
import { useStore } from './use-store.ts';

export function PageHead({ page }: { page: RunPage }) {
  const { plan, result } = page;
  const clock = new VirtualClock(plan.start, result.virtual_micros);
  const day = clock.startDay();
  const facts = [
    result.database.replace('@', ' '),
    plural(plan.nodes.length, 'node'),
    `${formatSpan(result.virtual_micros)}${day === '' ? '' : ` from ${day}`}`,
    `seed ${plan.seed}`,
    plural(result.writes.issued, 'write'),
    `${formatCount(result.events)} events`,
  ];
  return (
    <header class="page-head">
      <div class="head-row">
        <p class="brand">Reconverge</p>
        <ThemeButton />
      </div>
      <h1>{plan.name}</h1>
      <p class="facts">{facts.join(' · ')}</p>
      <Verdicts page={page} />
      <Story text={plan.story} />
      <div class="replay">
        <code>{page.replay}</code>
        <CopyButton text={page.replay} label="Copy" />
        <span class="fingerprint">
          fingerprint <code>{result.fingerprint}</code>
        </span>
      </div>
    </header>
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
