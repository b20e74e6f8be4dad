/**
 * A table whose cells are coloured by their means: one hue from faint to full, so that it reads without telling colours apart,
 * and each number stands in its cell. Cells are buttons; a cell that stands for several of the study cannot be chosen.
 */
import type { SweepPage } from '../../report/page/page-data.ts';
import { measureText } from '../../report/page/sweep-model.ts';
import type { Grid, Place } from '../../report/page/sweep-model.ts';

export interface HeatMapProps {
  page: SweepPage;
  grid: Grid;
  measure: number;
  across: number;
  down: number;
  chosen: number | null;
  onChoose: (cell: number) => void;
}

export function HeatMap({ page, grid, measure, across, down, chosen, onChoose }: HeatMapProps) {
  const { factors, measures } = page.summary;
  const { title, unit } = measures[measure];
  return (
    <div class="scroll">
      <table class="heat">
        <caption>{`${title}: mean over seeds, ${factors[across]} across${down < 0 ? '' : `, ${factors[down]} down`}`}</caption>
        <thead>
          <tr>
            {down >= 0 && <th scope="col">{factors[down]}</th>}
            {grid.columns.map((value) => (
              <th key={value} scope="col" class="number">
                {value}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.rows.map((row, at) => (
            <tr key={row}>
              {down >= 0 && <th scope="row">{row}</th>}
              {grid.places[at].map((place, column) => (
                <td key={grid.columns[column]} class="number">
                  <button
                    type="button"
                    class={strength(place, grid) > 0.55 ? 'heat-cell strong' : 'heat-cell'}
                    style={{ '--heat': `${Math.round(strength(place, grid) * 100)}%` }}
                    aria-pressed={place.cells.length === 1 && place.cells[0] === chosen}
                    disabled={place.cells.length !== 1}
                    title={place.cells.length > 1 ? `mean of ${place.cells.length} cells` : ''}
                    onClick={() => onChoose(place.cells[0])}
                  >
                    {measureText(place.mean, unit)}
                    {place.halfWidth !== null && <small>{` ± ${measureText(place.halfWidth, unit)}`}</small>}
                  </button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function strength({ mean }: Place, { least, most }: Grid): number {
  return mean === null ? 0 : most > least ? (mean - least) / (most - least) : 0.3;
}
