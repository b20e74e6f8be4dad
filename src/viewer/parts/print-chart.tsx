/**
 * A chart on paper: as SVG in light colours, made when the browser is about to print and taken away afterwards. It goes into
 * the document at once, since a browser does not wait for a drawing of the app.
 */
import { useEffect, useRef } from 'preact/hooks';
import { chartSvg } from '../../report/page/chart-svg.ts';
import { LIGHT } from '../../report/page/palette.ts';
import type { TimeChartProps } from './chart-props.ts';

const SIZE = { width: 900, height: 320 };
const SMALL_SIZE = { width: 420, height: 170 };

export function PrintChart(props: TimeChartProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const draw = (): void => place.current?.replaceChildren(picture(props));
    const remove = (): void => place.current?.replaceChildren();
    window.addEventListener('beforeprint', draw);
    window.addEventListener('afterprint', remove);
    return () => {
      window.removeEventListener('beforeprint', draw);
      window.removeEventListener('afterprint', remove);
    };
  });
  return <div ref={place} class="print-chart" aria-hidden="true" />;
}

function picture({ model, clock, view, faults = [], repairs = [], isSmall = false }: TimeChartProps): Node {
  const { fromMicros, toMicros } = view.get();
  const size = isSmall ? SMALL_SIZE : SIZE;
  const svg = chartSvg(model, { ...size, fromMicros, toMicros, clock, palette: LIGHT, faults, repairs });
  return document.importNode(new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement, true);
}
