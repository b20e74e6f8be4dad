/** What a chart over virtual time is given. */
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { ChartModel } from '../../report/page/chart-model.ts';
import type { PageBand } from '../../report/page/page-data.ts';
import type { ViewStore } from '../view-state.ts';

export interface TimeChartProps {
  model: ChartModel;
  clock: VirtualClock;
  view: ViewStore;
  faults?: readonly PageBand[];
  repairs?: readonly PageBand[];
  height?: number;
  /** A sentence under the title. */
  note?: string;
  endMicros: number;
  isSmall?: boolean;
  top?: number;
  /** In a small chart: where the node stands. */
  place?: string;
}
