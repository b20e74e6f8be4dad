/** The charts that compare strategies over time: the same lines for each, so that one sees what differs. */
import { linesOf } from './overview-charts.ts';
import type { ChartModel, ChartUnit } from './chart-model.ts';
import type { SeriesView } from './packed-series.ts';

export const COURSES = [
  { id: 'copies', label: 'divergent and wrong' },
  { id: 'states', label: 'what will heal them' },
  { id: 'devices', label: 'disk and network' },
] as const;

export type CourseId = (typeof COURSES)[number]['id'];

interface Look {
  what: string;
  unit: ChartUnit;
  isStacked: boolean;
}

const LOOKS: Readonly<Record<CourseId, Look>> = {
  copies: { what: 'copies', unit: 'count', isStacked: false },
  states: { what: 'copies', unit: 'count', isStacked: true },
  devices: { what: 'share in use by background work', unit: 'share', isStacked: false },
};

export function courseChart(view: SeriesView, strategy: string, course: CourseId): ChartModel {
  const wanted = {
    copies: [
      { column: 'divergent_copies', label: 'divergent', tone: 'blue' },
      { column: 'wrong_copies', label: 'wrong', tone: 'red', isDashed: true },
    ],
    states: [
      { column: 'latent_copies', label: 'latent', tone: 'red' },
      { column: 'hint_pending_copies', label: 'hint pending', tone: 'sky' },
    ],
    devices: [
      { column: 'disk_read_utilisation', label: 'disk read', tone: 'blue' },
      { column: 'network_out_utilisation', label: 'network', tone: 'amber', isDashed: true },
    ],
  } as const;
  return {
    id: `${course}-${strategy}`,
    title: strategy,
    ...LOOKS[course],
    times: view.times,
    lines: linesOf(view, wanted[course]),
  };
}
