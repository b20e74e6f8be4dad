/**
 * Faults and repairs under a chart, each as a bar on the same time axis: a name, what it does, and a click that shows its
 * stretch. Bars that would overlap stand in rows of their own.
 */
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { PageBand } from '../../report/page/page-data.ts';
import type { ViewStore } from '../view-state.ts';
import { useStore } from './use-store.ts';

export interface LanesProps {
  faults: readonly PageBand[];
  repairs: readonly PageBand[];
  clock: VirtualClock;
  view: ViewStore;
  endMicros: number;
}

const ROWS_MAX = 6;
/** A bar with its label takes at least this share of the width. */
const LABEL_SHARE = 0.13;

export function Lanes(props: LanesProps) {
  const operations = props.faults.filter(({ id }) => id.startsWith('operations.'));
  const faults = props.faults.filter((band) => !operations.includes(band));
  return (
    <div class="lanes">
      <Lane {...props} name="faults" kind="fault" bands={faults} />
      <Lane {...props} name="done" kind="fault" bands={operations} />
      <Lane {...props} name="repairs" kind="repair" bands={props.repairs} />
    </div>
  );
}

function Lane({
  name,
  kind,
  bands,
  clock,
  view,
  endMicros,
}: LanesProps & { name: string; kind: string; bands: readonly PageBand[] }) {
  const from = useStore(view, ({ fromMicros }) => fromMicros);
  const to = useStore(view, ({ toMicros }) => toMicros);
  if (bands.length === 0) return null;
  const visible = bands.filter((band) => band.toMicros >= from && band.fromMicros <= to);
  const { placed, hidden } = packed(visible, from, to);
  const rows = placed.reduce((most, { row }) => Math.max(most, row + 1), 1);
  return (
    <div class="lane">
      <span class="lane-name">{name}</span>
      <div class={`lane-bars ${kind}`} style={{ height: `${rows * 22 + 2}px` }}>
        {placed.map(({ band, left, width, row, isLeftward }) => (
          <button
            key={`${band.id}${band.fromMicros}`}
            type="button"
            class={isLeftward ? 'bar leftward' : 'bar'}
            style={{ left: `${left * 100}%`, width: `max(3px, ${width * 100}%)`, top: `${row * 22}px` }}
            title={`${band.label}: ${band.detail}\n${clock.moment(band.fromMicros)} – ${band.isOpen ? 'the end and beyond' : clock.moment(band.toMicros)}`}
            aria-label={`${name}: ${band.label}, ${band.detail}, from ${clock.moment(band.fromMicros)}. Show its stretch of time.`}
            onClick={() => view.set(stretchOf(band, endMicros))}
          >
            <span>{band.label}</span>
          </button>
        ))}
        {hidden > 0 && <span class="lane-more">{`and ${hidden} more`}</span>}
      </div>
    </div>
  );
}

/** With some time before and after, so that one sees what it changed. */
function stretchOf({ fromMicros: from, toMicros: to }: PageBand, endMicros: number) {
  const around = Math.max((to - from) * 0.4, endMicros * 0.02);
  return { fromMicros: Math.max(0, Math.round(from - around)), toMicros: Math.min(endMicros, Math.round(to + around)) };
}

interface Placed {
  band: PageBand;
  left: number;
  width: number;
  row: number;
  /** The label stands before the bar: behind it there is no room. */
  isLeftward: boolean;
}

function packed(bands: readonly PageBand[], from: number, to: number): { placed: Placed[]; hidden: number } {
  const ends: number[] = [];
  const placed: Placed[] = [];
  let hidden = 0;
  for (const band of bands) {
    const left = Math.max(0, (band.fromMicros - from) / (to - from));
    const right = Math.min(1, (band.toMicros - from) / (to - from));
    const isLeftward = right - left < LABEL_SHARE && left > 1 - LABEL_SHARE;
    const taken = isLeftward
      ? { from: left - LABEL_SHARE, to: right }
      : { from: left, to: Math.max(right, left + LABEL_SHARE) };
    let row = ends.findIndex((end) => end <= taken.from);
    if (row < 0) row = ends.length;
    if (row >= ROWS_MAX) {
      hidden += 1;
      continue;
    }
    ends[row] = taken.to;
    placed.push({ band, left, width: right - left, row, isLeftward });
  }
  return { placed, hidden };
}
