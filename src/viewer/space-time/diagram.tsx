/** A space-time diagram drawn: nodes side by side, time down, quiet stretches folded; and the same as sentences in a table. */
import { useMemo } from 'preact/hooks';
import { formatDuration, plural } from '../../base/human.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { GUTTER, HEAD, layoutSpaceTime } from './layout.ts';
import type { PlacedArrow, PlacedBar, PlacedDot, SpaceTimeLayout } from './layout.ts';
import { marksAsText } from './space-time.ts';
import type { SpaceTime } from './space-time.ts';

interface DiagramProps {
  marks: SpaceTime;
  nodes: readonly string[];
  clock: VirtualClock;
  focusMicros: number | null;
  title: string;
}

const ROWS_MAX = 400;

export function SpaceTimeDiagram({ marks, nodes, clock, focusMicros, title }: DiagramProps) {
  const layout = useMemo(() => layoutSpaceTime(marks, { focusMicros }), [marks, focusMicros]);
  const sentences = useMemo(() => marksAsText(marks).slice(0, ROWS_MAX), [marks]);
  if (marks.nodes.length === 0) return <p class="note">No message of it is known up to this moment.</p>;
  const { width, height, dots, arrows, bars, before, after } = layout;
  return (
    <figure class="space-time">
      {before > 0 && <p class="note">{`${plural(before, 'mark')} before this are left out.`}</p>}
      <div class="scroll">
        <svg
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`${title}: messages over time`}
        >
          <defs>
            {ARROW_KINDS.map((kind) => (
              <marker
                key={kind}
                id={`tip-${kind}`}
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="7"
                markerHeight="7"
                orient="auto"
              >
                <path class={`tip ${kind}`} d="M0 0 L8 4 L0 8 Z" />
              </marker>
            ))}
          </defs>
          <Frame layout={layout} nodes={nodes} clock={clock} />
          {bars.map((bar, index) => (
            <Bar key={index} bar={bar} />
          ))}
          {arrows.map((arrow, index) => (
            <Arrow key={index} arrow={arrow} />
          ))}
          {dots.map((dot, index) => (
            <Dot key={index} dot={dot} />
          ))}
        </svg>
      </div>
      {after > 0 && <p class="note">{`${plural(after, 'mark')} after this are left out.`}</p>}
      <details class="chart-table">
        <summary>The same in words</summary>
        <ol class="sentences">
          {sentences.map(({ micros, text }, index) => (
            <li key={index}>
              <b>{tickText(clock, micros)}</b> {text}
            </li>
          ))}
        </ol>
      </details>
    </figure>
  );
}

/** What stands behind the marks: folds, the nodes' lines, moments. */
function Frame({ layout, nodes, clock }: Pick<DiagramProps, 'nodes' | 'clock'> & { layout: SpaceTimeLayout }) {
  const { width, height, columns, folds, ticks } = layout;
  return (
    <>
      {folds.map((fold) => (
        <g key={fold.y} class="fold">
          <rect x={0} y={fold.y + 7} width={width} height={fold.height - 14} />
          <text x={GUTTER - 10} y={fold.y + fold.height / 2 + 4}>{`⋮ ${formatDuration(fold.micros)}`}</text>
        </g>
      ))}
      {columns.map(({ node, x }) => (
        <g key={node} class="lifeline">
          <line x1={x} x2={x} y1={HEAD - 8} y2={height - 8} />
          <text x={x} y={HEAD - 18}>
            {nodes[node]}
          </text>
        </g>
      ))}
      {ticks.map(({ y, micros }) => (
        <text key={y} class="tick-time" x={GUTTER - 10} y={y + 4}>
          {tickText(clock, micros)}
        </text>
      ))}
    </>
  );
}

const ARROW_KINDS = ['write', 'hint', 'repair', 'loss', 'other'] as const;

/** The clock's time, to the millisecond. */
function tickText(clock: VirtualClock, micros: number): string {
  const second = Math.floor(micros / 1e6) * 1e6;
  const text = clock.moment(second);
  const millis = Math.floor((micros - second) / 1000);
  const fraction = String(millis).padStart(3, '0');
  if (/\d:\d\d:\d\d$/.test(text)) return `${text}.${fraction}`;
  if (/\d:\d\d$/.test(text)) return `${text}:00.${fraction}`;
  return millis === 0 ? text : `${text} +${millis} ms`;
}

function Bar({ bar: { x, y1, y2, kind, text } }: { bar: PlacedBar }) {
  return (
    <rect class={`bar-of ${kind}`} x={x - 4} y={y1} width={8} height={Math.max(3, y2 - y1)} rx={4}>
      <title>{text}</title>
    </rect>
  );
}

function Arrow({ arrow: { x1, y1, x2, y2, kind, isLost, text } }: { arrow: PlacedArrow }) {
  const [endX, endY] = isLost ? [x1 + (x2 - x1) * 0.72, y1 + (y2 - y1) * 0.72] : [x2 - Math.sign(x2 - x1) * 5, y2];
  const isSelf = x1 === x2;
  const d = isSelf ? `M${x1} ${y1} q26 ${(y2 - y1) / 2 + 3} 4 ${y2 - y1 + 3}` : `M${x1} ${y1} L${endX} ${endY}`;
  return (
    <g class={`arrow ${kind}${isLost ? ' lost' : ''}`}>
      <path class="hit" d={d}>
        <title>{text}</title>
      </path>
      <path d={d} {...(isLost ? {} : { 'marker-end': `url(#tip-${kind === 'answer' ? 'other' : kind})` })} />
      {isLost && (
        <text x={endX} y={endY + 4}>
          ✕
        </text>
      )}
    </g>
  );
}

function Dot({ dot: { x, y, kind, label, text, isLabelled } }: { dot: PlacedDot }) {
  return (
    <g class={`dot ${kind}`}>
      {kind === 'loss' ? (
        <path d={`M${x - 5} ${y - 5} l10 10 m0 -10 l-10 10`} />
      ) : kind === 'repair' ? (
        <rect x={x - 5} y={y - 5} width={10} height={10} transform={`rotate(45 ${x} ${y})`} />
      ) : (
        <circle cx={x} cy={y} r={kind === 'other' ? 3.5 : 5} />
      )}
      {isLabelled && (
        <text x={x + 10} y={y + 4}>
          {label}
        </text>
      )}
      <title>{text}</title>
    </g>
  );
}
