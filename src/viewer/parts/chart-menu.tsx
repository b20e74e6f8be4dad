/** Export of one chart: as SVG and PNG in the colours that are shown, for the stretch of time that is shown; CSV has all rows. */
import { chartSvg } from '../../report/page/chart-svg.ts';
import { chartCsv } from '../../report/page/chart-text.ts';
import { pngOf, saveFile } from './save-file.ts';
import type { TimeChartProps } from './chart-props.ts';
import { usePalette } from './theme.ts';

const SIZE = { width: 960, height: 400 };

export function ChartMenu({ model, clock, view, faults = [], repairs = [] }: TimeChartProps) {
  const palette = usePalette();
  const svg = (): string => {
    const { fromMicros, toMicros } = view.get();
    return chartSvg(model, { ...SIZE, fromMicros, toMicros, clock, palette, faults, repairs });
  };
  const saves: Readonly<Record<string, () => Promise<Blob> | Blob>> = {
    SVG: () => new Blob([svg()], { type: 'image/svg+xml' }),
    PNG: () => pngOf(svg()),
    CSV: () => new Blob([chartCsv(model)], { type: 'text/csv' }),
  };
  const save = async (kind: string): Promise<void> => {
    saveFile(`${model.id}.${kind.toLowerCase()}`, await saves[kind]());
  };
  return (
    <span class="chart-menu">
      {Object.keys(saves).map((kind) => (
        <button
          key={kind}
          type="button"
          class="small"
          aria-label={`Save “${model.title}” as ${kind}`}
          onClick={() => void save(kind)}
        >
          {kind}
        </button>
      ))}
    </span>
  );
}
