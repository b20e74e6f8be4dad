/** The numbers of a chart as a table: for screen readers at any time, for others when they open it. Rows are picked evenly. */
import { useState } from 'preact/hooks';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { ChartModel } from '../../report/page/chart-model.ts';
import { valueText } from '../../report/page/chart-text.ts';

const ROWS_SHOWN = 25;

export function ChartTable({ model, clock, isSmall }: { model: ChartModel; clock: VirtualClock; isSmall: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      class={isSmall ? 'chart-table unseen' : 'chart-table'}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>{isSmall ? `Numbers: ${model.title}` : 'The numbers as a table'}</summary>
      {isOpen && <Rows model={model} clock={clock} />}
    </details>
  );
}

function Rows({ model, clock }: { model: ChartModel; clock: VirtualClock }) {
  const rows = pickedRows(model.times.length);
  return (
    <div class="scroll">
      <table>
        <caption>{`${model.title}, ${model.what}; ${rows.length} of ${model.times.length} moments`}</caption>
        <thead>
          <tr>
            <th scope="col">time</th>
            {model.lines.map(({ id, label }) => (
              <th key={id} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <th scope="row">{clock.moment(model.times[row])}</th>
              {model.lines.map(({ id, values }) => (
                <td key={id} class="number">
                  {valueText(values[row], model.unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function pickedRows(count: number): number[] {
  if (count <= ROWS_SHOWN) return Array.from({ length: count }, (_, row) => row);
  return Array.from({ length: ROWS_SHOWN }, (_, index) => Math.round((index * (count - 1)) / (ROWS_SHOWN - 1)));
}
