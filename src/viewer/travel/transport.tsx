/**
 * The transport: what moment it is, a slider over the run with its divergence and changes drawn behind it, play, and jumps to
 * the next change of a kind. Keys: arrows move (Shift: to the next change), Space plays, + and − change the speed.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatCount, formatSpan } from '../../base/human.ts';
import { largestOf } from '../../report/page/chart-model.ts';
import { useStore } from '../parts/use-store.ts';
import type { ViewStore } from '../view-state.ts';
import { kindsIn } from './event-kinds.ts';
import type { EventKind } from './event-kinds.ts';
import type { History } from './history.ts';
import { momentOf, SPEEDS, useAnimation } from './playing.ts';

const SLIDER_STEPS = 4000;
const KEY_STEPS = 400;

interface TransportProps {
  history: History;
  view: ViewStore;
}

export function Transport({ history, view }: TransportProps) {
  const { endMicros, clock, travel } = history;
  const micros = useStore(view, momentOf);
  const kinds = useMemo(() => kindsIn(history.timeline.steps), [history]);
  const [kind, setKind] = useState<EventKind>(kinds[0]);
  const backdrop = useMemo(() => <Backdrop history={history} kind={kind} />, [history, kind]);
  const [speed, setSpeed] = useState(() => firstSpeed(endMicros));
  const [isPlaying, setIsPlaying] = useAnimation(view, endMicros, speed);
  const go = (to: number): void => view.set({ momentMicros: Math.max(0, Math.min(endMicros, Math.round(to))) });
  const jump = (direction: 1 | -1): void => {
    const found = travel.next(micros, direction, kind.kinds);
    if (found !== null) go(found);
  };
  const faster = (by: 1 | -1): void =>
    setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(speed) + by))]);
  useKeys({
    ArrowRight: (far) => (far ? jump(1) : go(micros + endMicros / KEY_STEPS)),
    ArrowLeft: (far) => (far ? jump(-1) : go(micros - endMicros / KEY_STEPS)),
    ' ': () => setIsPlaying(!isPlaying),
    '+': () => faster(1),
    '=': () => faster(1),
    '-': () => faster(-1),
    Home: () => go(0),
    End: () => go(endMicros),
  });
  return (
    <section class="card transport" aria-label="The moment">
      <div class="transport-row">
        <button type="button" class="play" aria-pressed={isPlaying} onClick={() => setIsPlaying(!isPlaying)}>
          {isPlaying ? '❚❚ Pause' : '▶ Play'}
        </button>
        <label class="speed">
          <span>speed</span>
          <select value={String(speed)} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
            {SPEEDS.map((one) => (
              <option key={one} value={String(one)}>{`× ${formatCount(one)}`}</option>
            ))}
          </select>
        </label>
        <div class="clock" aria-live="off">
          <b>{clock.moment(Math.floor(micros / 1e6) * 1e6)}</b>
          <span>{`${formatSpan(Math.floor(micros / 1e6) * 1e6)} into the run`}</span>
        </div>
        <Jumps {...{ kinds, kind, setKind, jump }} />
      </div>
      <div class="track">
        {backdrop}
        <input
          type="range"
          class="slider"
          aria-label="Moment of virtual time"
          aria-valuetext={clock.moment(micros)}
          min={0}
          max={SLIDER_STEPS}
          step="any"
          value={(micros / endMicros) * SLIDER_STEPS}
          onInput={(event) => go((Number(event.currentTarget.value) / SLIDER_STEPS) * endMicros)}
        />
      </div>
      <p class="note">
        Arrows move the moment, with Shift to the next change; Space plays; + and − change the speed.
        {history.notes.length > 0 && ` Kept small: ${history.notes.join('; ')}.`}
      </p>
    </section>
  );
}

interface JumpsProps {
  kinds: readonly EventKind[];
  kind: EventKind;
  setKind: (kind: EventKind) => void;
  jump: (direction: 1 | -1) => void;
}

function Jumps({ kinds, kind, setKind, jump }: JumpsProps) {
  return (
    <div class="jumps" role="group" aria-label="Jump to the next change">
      <button
        type="button"
        class="small"
        onClick={() => jump(-1)}
        aria-label={`Back to the change before: ${kind.label}`}
      >
        ◂ before
      </button>
      <select
        aria-label="Which changes"
        value={kind.id}
        onChange={(event) => setKind(kinds.find(({ id }) => id === event.currentTarget.value) ?? kinds[0])}
      >
        {kinds.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      <button type="button" class="small" onClick={() => jump(1)} aria-label={`On to the next change: ${kind.label}`}>
        next ▸
      </button>
    </div>
  );
}

/** The whole run in some 40 seconds. */
function firstSpeed(endMicros: number): number {
  return SPEEDS.find((speed) => endMicros / 1e6 / speed <= 40) ?? SPEEDS[SPEEDS.length - 1];
}

type Keys = Readonly<Record<string, (far: boolean) => void>>;

/** Keys of the section, wherever its focus is, but where a key means something by itself. */
function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const act = latest.current[event.key];
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
      event.preventDefault();
      act(event.shiftKey && event.key.startsWith('Arrow'));
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  const isSlider = target instanceof HTMLInputElement && target.type === 'range';
  if (!isSlider && target.closest('input, select, textarea, [role=tab], .plot') !== null) return true;
  return key === ' ' && target.closest('button, summary, [role=button], a') !== null;
}

const WIDTH = 1000;
const HEIGHT = 44;
const COLUMNS = 500;

/** Copies that differ, and those that are wrong, behind the slider; changes of the chosen kind as ticks. */
function Backdrop({ history, kind }: { history: History; kind: EventKind }) {
  const paths = useMemo(() => [area(history, 'divergent_copies'), area(history, 'wrong_copies')], [history]);
  const ticks = useMemo(() => ticksOf(history, kind), [history, kind]);
  return (
    <svg class="backdrop" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="area-differ" d={paths[0]} />
      <path class="area-wrong" d={paths[1]} />
      {history.page.faults.map(({ id, fromMicros, toMicros }) => (
        <rect
          key={`${id} ${fromMicros}`}
          class="band-fault"
          x={(fromMicros / history.endMicros) * WIDTH}
          width={Math.max(1.5, ((toMicros - fromMicros) / history.endMicros) * WIDTH)}
          y={HEIGHT - 5}
          height={5}
        />
      ))}
      {ticks.map((x) => (
        <line key={x} class="tick" x1={x} x2={x} y1={0} y2={7} />
      ))}
    </svg>
  );
}

function area({ series, endMicros }: History, column: string): string {
  const values = series.column(column);
  const scale = largestOf(series.column('divergent_copies') ?? []);
  const top = Math.max(scale, largestOf(series.column('wrong_copies') ?? []));
  if (values === null || top === 0) return '';
  const heights = new Float64Array(COLUMNS).fill(-1);
  series.times.forEach((micros, row) => {
    const place = Math.min(COLUMNS - 1, Math.floor((micros / endMicros) * COLUMNS));
    // A root, so that a thousand beside a million is still seen.
    heights[place] = Math.max(heights[place], Math.sqrt(Math.max(0, values[row]) / top));
  });
  // Between samples the last one holds.
  heights.forEach((height, place) => {
    if (height < 0) heights[place] = place === 0 ? 0 : heights[place - 1];
  });
  const points = Array.from(heights, (height, place) => {
    const x = (place / (COLUMNS - 1)) * WIDTH;
    return `${x.toFixed(1)} ${(HEIGHT - 6 - height * (HEIGHT - 14)).toFixed(1)}`;
  });
  return `M0 ${HEIGHT - 6} L${points.join(' L')} L${WIDTH} ${HEIGHT - 6} Z`;
}

/** Moments of the changes, at most one a pixel. */
function ticksOf({ timeline, endMicros }: History, { kinds }: EventKind): number[] {
  const places = new Set<number>();
  for (const step of timeline.steps)
    if (kinds === null || step.kinds.some((kind) => kinds.has(kind)))
      places.add(Math.round((step.micros / endMicros) * WIDTH));
  return [...places];
}
