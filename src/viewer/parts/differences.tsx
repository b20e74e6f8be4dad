/** Paired differences from the base with their intervals, each on one scale with zero marked: told apart from chance, or not. */
import { formatCount, plural } from '../../base/human.ts';
import type { Comparison, TestedDifference } from '../../studies/compare/compare.ts';
import { usePalette } from './theme.ts';

const MEASURES: readonly [measure: string, title: string][] = [
  ['divergent_row_hours', 'divergent row-hours'],
  ['wrong_row_hours', 'wrong row-hours'],
];

export function Differences({ comparison }: { comparison: Comparison }) {
  const { differences, base, seeds } = comparison;
  if (differences.length === 0) return null;
  return (
    <section class="card" aria-labelledby="differences-title">
      <h2 id="differences-title">{`Against ${base}, paired by seed`}</h2>
      {differences.every(({ t }) => t === null) ? (
        <p class="note">{`${plural(seeds.length, 'seed')}: there is no interval under five; try --seeds 1..10.`}</p>
      ) : (
        <div class="card-grid">
          {MEASURES.map(([measure, title]) => (
            <Family key={measure} title={title} differences={differences.filter((one) => one.measure === measure)} />
          ))}
        </div>
      )}
    </section>
  );
}

function Family({ title, differences }: { title: string; differences: readonly TestedDifference[] }) {
  const ends = differences.flatMap(({ t }) => (t === null ? [] : [t.low, t.high]));
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  return (
    <div class="scroll">
      <table>
        <caption>{`${title}, 95 % (t), Holm over ${differences.length}`}</caption>
        <thead>
          <tr>
            <th scope="col">strategy</th>
            <th scope="col" class="number">
              mean
            </th>
            <th scope="col">interval</th>
            <th scope="col" class="number">
              p
            </th>
          </tr>
        </thead>
        <tbody>
          {differences.map((one) => (
            <tr key={one.strategy}>
              <th scope="row">{one.strategy}</th>
              <td class="number">{signed(one.mean)}</td>
              <td>
                <Interval difference={one} low={low} high={high} />
                {one.t !== null && <span class="note">{`[${signed(one.t.low)}, ${signed(one.t.high)}]`}</span>}
              </td>
              <td class="number">{one.isTold ? pText(one.adjusted) : 'no difference'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const WIDTH = 150;

function Interval({
  difference: { t, mean, isTold },
  low,
  high,
}: {
  difference: TestedDifference;
  low: number;
  high: number;
}) {
  const palette = usePalette();
  if (t === null || high === low) return null;
  const x = (value: number): number => 6 + ((value - low) / (high - low)) * (WIDTH - 12);
  const colour = isTold ? palette.tones.blue : palette.tones.grey;
  return (
    <svg class="interval" width={WIDTH} height="16" aria-hidden="true">
      <line x1={x(0)} x2={x(0)} y1="0" y2="16" stroke={palette.faint} stroke-dasharray="2 2" />
      <line x1={x(t.low)} x2={x(t.high)} y1="8" y2="8" stroke={colour} stroke-width="2" />
      {[t.low, t.high].map((end) => (
        <line key={end} x1={x(end)} x2={x(end)} y1="4" y2="12" stroke={colour} stroke-width="2" />
      ))}
      <circle cx={x(mean)} cy="8" r="4" fill={colour} />
    </svg>
  );
}

function signed(value: number): string {
  return value > 0 ? `+${formatCount(value)}` : formatCount(value);
}

function pText(p: number | null): string {
  if (p === null) return '–';
  return p < 0.0001 ? '< 0.0001' : String(Number(p.toPrecision(2)));
}
