/** A study: a heat map over two of its axes, curves with intervals over one, filters for the others, and the command of the point that is chosen. */
import { useMemo, useState } from 'preact/hooks';
import type { SweepPage } from '../../report/page/page-data.ts';
import { gridOf, measureText, valuesOf } from '../../report/page/sweep-model.ts';
import type { Filters } from '../../report/page/sweep-model.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Curves } from '../parts/curves.tsx';
import { HeatMap } from '../parts/heat-map.tsx';
import type { Section } from '../section.ts';

export const sweepSection: Section = {
  id: 'study',
  title: 'Study',
  kinds: ['sweep'],
  rank: 0,
  Body: ({ page }) => (page.kind === 'sweep' ? <Sweep page={page} /> : null),
};

function Sweep({ page }: { page: SweepPage }) {
  const { factors, measures } = page.summary;
  const [measure, setMeasure] = useState(0);
  const [across, setAcross] = useState(() => firstScale(page));
  const [down, setDown] = useState(() => factors.findIndex((_, factor) => factor !== firstScale(page)));
  const [filters, setFilters] = useState<Filters>(() => factors.map(() => null));
  const [chosen, setChosen] = useState<number | null>(null);
  const grid = useMemo(() => gridOf(page, { measure, across, down, filters }), [page, measure, across, down, filters]);
  const filter = (factor: number, value: string | null): void =>
    setFilters(filters.map((own, index) => (index === factor ? value : own)));
  const chooseAxis = (factor: number, isAcross: boolean): void => {
    if (isAcross && factor === down) setDown(across);
    if (!isAcross && factor === across) setAcross(down < 0 ? across : down);
    if (isAcross) setAcross(factor);
    else setDown(factor);
  };
  const named = factors.map((name, index) => [String(index), name] as const);
  return (
    <div class="stack">
      <div class="card">
        <div class="chart-tools">
          <Choice
            label="measure"
            value={String(measure)}
            options={measures.map(({ title }, index) => [String(index), title])}
            onChoose={(value) => setMeasure(Number(value))}
          />
          <Choice
            label="across"
            value={String(across)}
            options={named}
            onChoose={(value) => chooseAxis(Number(value), true)}
          />
          {factors.length > 1 && (
            <Choice
              label="down"
              value={String(down)}
              options={named}
              onChoose={(value) => chooseAxis(Number(value), false)}
            />
          )}
          {factors.map((name, factor) =>
            factor === across || factor === down ? null : (
              <Choice
                key={name}
                label={name}
                value={filters[factor] ?? ''}
                options={[['', 'all, their mean'], ...valuesOf(page, factor).map((value) => [value, value] as const)]}
                onChoose={(value) => filter(factor, value === '' ? null : value)}
              />
            ),
          )}
        </div>
        <HeatMap {...{ page, grid, measure, across, down, chosen }} onChoose={setChosen} />
        <Chosen page={page} cell={chosen} measure={measure} />
      </div>
      <div class="card">
        <Curves {...{ page, grid, measure, across, down }} />
      </div>
      <Failed page={page} />
    </div>
  );
}

/** The first factor that is a quantity, or the first. */
function firstScale({ scales }: SweepPage): number {
  return Math.max(
    0,
    scales.findIndex((scale) => scale !== null),
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
  onChoose: (value: string) => void;
}

function Choice({ label, value, options, onChoose }: ChoiceProps) {
  return (
    <label class="picked">
      {label}{' '}
      <select aria-label={label} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([own, text]) => (
          <option key={own} value={own}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Chosen({ page, cell, measure }: { page: SweepPage; cell: number | null; measure: number }) {
  if (cell === null) return <p class="note">Choose a place of the map for its numbers and the command that runs it.</p>;
  const { factors, cells, measures } = page.summary;
  const { values, runs, means } = cells[cell];
  return (
    <div class="chosen" aria-live="polite">
      <p>
        <b>{factors.map((name, factor) => `${name} ${values[factor]}`).join(' · ')}</b> {`${runs} runs`}
      </p>
      <ul class="note">
        {measures.map(({ title, unit }, index) => {
          const half = means[index]?.halfWidth ?? null;
          return (
            <li key={title} class={index === measure ? 'own' : ''}>
              {`${title}: ${measureText(means[index]?.mean ?? null, unit)}${half === null ? '' : ` ± ${measureText(half, unit)}`}`}
            </li>
          );
        })}
      </ul>
      <p class="replay">
        <code>{page.replays[cell]}</code>
        <CopyButton text={page.replays[cell]} label="Copy" />
      </p>
    </div>
  );
}

function Failed({ page: { summary, notModelled } }: { page: SweepPage }) {
  return (
    <section class="card caveats" aria-label="Limits">
      {summary.failed.length > 0 && (
        <details open>
          <summary>{`Runs that failed (${summary.failed.length})`}</summary>
          <ul>
            {summary.failed.slice(0, 20).map(({ cell, seed, message = '', replay = '' }) => (
              <li key={`${cell} ${seed}`}>{`cell ${cell}, seed ${seed}: ${message.split('\n')[0]} ${replay}`}</li>
            ))}
          </ul>
        </details>
      )}
      <details>
        <summary>{`Not modelled (${notModelled.length})`}</summary>
        <ul>
          {notModelled.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </details>
    </section>
  );
}
