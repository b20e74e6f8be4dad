/**
 * The cluster at the moment: nodes in a ring by data centre and rack, how far each differs, its queue and jobs, links by
 * traffic, cuts. Drawn anew for every moment, so it is kept small: of very many links the busiest.
 */
import { useMemo } from 'preact/hooks';
import { formatCount, plural } from '../../base/human.ts';
import type { LinkGroups } from '../../observe/view/levels.ts';
import type { ViewNode, ViewState } from '../../observe/view/view-state.ts';
import type { History, PairFlow } from './history.ts';
import { JOB_WORDS, jobsOf, stateWords } from './node-words.ts';

export interface RingProps {
  history: History;
  state: ViewState;
  micros: number;
  selected: number | null;
  onSelect: (node: number) => void;
}

const SIZE = 560;
/** Room beside the ring for what stands there. */
const LABELS = 36;
const CENTRE = SIZE / 2;
const RADIUS = 198;
const GROUP_RADIUS = 150;
const MANY_NODES = 18;
/** Smaller ones have their names in the table, and where the pointer is. */
const NAMED_RADIUS = 10;

interface Place {
  x: number;
  y: number;
  angle: number;
}

export function placesOf(count: number): Place[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (index / count) * 2 * Math.PI - Math.PI / 2;
    return { x: CENTRE + RADIUS * Math.cos(angle), y: CENTRE + RADIUS * Math.sin(angle), angle };
  });
}

/** Smaller the more there are, so that they do not lie on one another. */
function radiusOf(count: number): number {
  if (count <= MANY_NODES) return 25;
  return Math.max(3, Math.min(13, (Math.PI * RADIUS) / count - 5));
}

/** Inside the ring, before the middle of their nodes; where these lie all around, in turn. */
export function placesOfGroups({ names, of }: LinkGroups, places: readonly Place[]): Place[] {
  return names.map((_name, group) => {
    const own = places.filter((_place, node) => of[node] === group);
    const x = own.reduce((sum, place) => sum + place.x - CENTRE, 0) / Math.max(1, own.length);
    const y = own.reduce((sum, place) => sum + place.y - CENTRE, 0) / Math.max(1, own.length);
    const isAround = Math.hypot(x, y) < RADIUS / 4;
    const angle = isAround ? (group / names.length) * 2 * Math.PI - Math.PI / 2 : Math.atan2(y, x);
    return { x: CENTRE + GROUP_RADIUS * Math.cos(angle), y: CENTRE + GROUP_RADIUS * Math.sin(angle), angle };
  });
}

export function Ring({ history, state, micros, selected, onSelect }: RingProps) {
  const count = state.nodes.length;
  const places = useMemo(() => placesOf(count), [count]);
  const curves = useMemo(() => new Curves(places), [places]);
  const { groups } = history.levels;
  const groupPlaces = useMemo(() => (groups === null ? [] : placesOfGroups(groups, places)), [groups, places]);
  const flowCurves = useMemo(() => (groups === null ? curves : new Curves(groupPlaces)), [groups, curves, groupPlaces]);
  const radius = radiusOf(count);
  // States share what is the same, and within a stretch flows are: then nothing of the links is drawn anew.
  const stretch = history.stretchAt(micros);
  const links = useMemo(
    () => <Links {...{ history, state, micros, curves, flowCurves }} />,
    [history, stretch, state.links, state.sessions, curves, flowCurves],
  );
  return (
    <svg
      class="ring"
      viewBox={`${-LABELS} 0 ${SIZE + 2 * LABELS} ${SIZE}`}
      role="group"
      aria-label="The nodes of the cluster and their links"
    >
      {links}
      {groupPlaces.map(({ x, y }, group) => (
        <text key={group} class="ring-group" x={x} y={y} aria-hidden="true">
          {groups?.names[group]}
        </text>
      ))}
      {state.nodes.map((node, index) => (
        <NodeMark
          key={index}
          {...{ history, node, index, radius }}
          place={places[index]}
          differ={history.divergentOf(index, micros)}
          waiting={history.hintsFor(index, micros)}
          isSelected={selected === index}
          onSelect={onSelect}
        />
      ))}
      <Middle history={history} micros={micros} />
    </svg>
  );
}

function Middle({ history, micros }: { history: History; micros: number }) {
  const differ = history.total('divergent_copies', micros);
  const wrong = history.total('wrong_copies', micros);
  return (
    <g class="ring-middle" aria-hidden="true">
      <circle cx={CENTRE} cy={CENTRE + 8} r={66} />
      <text x={CENTRE} y={CENTRE - 16} class="big">
        {formatCount(differ)}
      </text>
      <text x={CENTRE} y={CENTRE + 2}>
        {differ === 1 ? 'copy differs' : 'copies differ'}
      </text>
      <text x={CENTRE} y={CENTRE + 32} class={wrong > 0 ? 'big wrong' : 'big'}>
        {formatCount(wrong)}
      </text>
      <text x={CENTRE} y={CENTRE + 50}>
        {wrong === 1 ? 'is wrong' : 'are wrong'}
      </text>
    </g>
  );
}

// ---------------------------------------------------------------- links

interface LinksProps {
  history: History;
  state: ViewState;
  micros: number;
  curves: Curves;
  /** Of what flows: between nodes, or groups of them. */
  flowCurves: Curves;
}

/** The way of each link, made once. */
class Curves {
  readonly #places: readonly Place[];
  readonly #known = new Map<number, string>();

  constructor(places: readonly Place[]) {
    this.#places = places;
  }

  between(from: number, to: number): string {
    const key = from * this.#places.length + to;
    const known = this.#known.get(key) ?? curve(this.#places[from], this.#places[to]);
    this.#known.set(key, known);
    return known;
  }

  middle(from: number, to: number): { x: number; y: number } {
    return middleOf(this.#places[from], this.#places[to]);
  }
}

function Links({ history, state, micros, curves, flowCurves }: LinksProps) {
  const flows = history.flows(micros);
  const troubled = troubledPairs(state);
  return (
    <g class="links" aria-hidden="true">
      {flows.map((flow) => (
        <Flow
          key={`${flow.one} ${flow.other}`}
          flow={flow}
          d={flowCurves.between(flow.one, flow.other)}
          most={history.flowMax}
        />
      ))}
      {streamsOf(state).map(({ from, to, key }) => (
        <path key={key} class="link-stream" d={curves.between(from, to)} />
      ))}
      {[...troubled].map(([key, { one, other, what }]) => (
        <g key={key} class={`link-${what}`}>
          <path d={curves.between(one, other)} />
          {what === 'cut' && <text {...curves.middle(one, other)}>✕</text>}
        </g>
      ))}
    </g>
  );
}

function Flow({ flow, d, most }: { flow: PairFlow; d: string; most: number }) {
  const width = 0.6 + 4.4 * Math.sqrt(flow.writes / Math.max(1, most));
  return (
    <>
      {flow.writes > 0 && <path class="link-writes" d={d} stroke-width={width.toFixed(1)} />}
      {flow.hints > 0 && <path class="link-hints" d={d} />}
    </>
  );
}

/** Bends towards the middle, less so between neighbours. */
function curve(from: Place, to: Place): string {
  const { x, y } = bend(from, to);
  return `M${from.x.toFixed(1)} ${from.y.toFixed(1)} Q${x.toFixed(1)} ${y.toFixed(1)} ${to.x.toFixed(1)} ${to.y.toFixed(1)}`;
}

function bend(from: Place, to: Place): { x: number; y: number } {
  const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
  const pull = 0.34;
  return { x: x + (CENTRE - x) * pull, y: y + (CENTRE - y) * pull };
}

function middleOf(from: Place, to: Place): { x: number; y: number } {
  const { x, y } = bend(from, to);
  return { x: (from.x + to.x + 2 * x) / 4, y: (from.y + to.y + 2 * y) / 4 + 5 };
}

interface Troubled {
  one: number;
  other: number;
  what: 'cut' | 'lossy' | 'slow';
}

function troubledPairs({ links }: ViewState): Map<string, Troubled> {
  const pairs = new Map<string, Troubled>();
  for (const [key, { cut, lossy }] of Object.entries(links)) {
    const [from, to] = key.split('>').map(Number);
    const [one, other] = from < to ? [from, to] : [to, from];
    const what = cut > 0 ? 'cut' : lossy > 0 ? 'lossy' : 'slow';
    const known = pairs.get(`${one} ${other}`);
    if (known === undefined || what === 'cut') pairs.set(`${one} ${other}`, { one, other, what });
  }
  return pairs;
}

function streamsOf({ sessions }: ViewState): { from: number; to: number; key: string }[] {
  return Object.entries(sessions).flatMap(([id, { streams }]) =>
    Object.entries(streams).flatMap(([key, { from, to, over }]) => (over ? [] : [{ from, to, key: `${id} ${key}` }])),
  );
}

// ---------------------------------------------------------------- nodes

interface NodeMarkProps {
  history: History;
  node: ViewNode;
  index: number;
  /** Copies that differ, and hints that wait for it. */
  differ: number;
  waiting: number;
  radius: number;
  place: Place;
  isSelected: boolean;
  onSelect: (node: number) => void;
}

/** Drawn anew only where something of it is another. */
function NodeMark(props: NodeMarkProps) {
  const { node, differ, waiting, radius, place, isSelected, onSelect } = props;
  return useMemo(() => <DrawnNode {...props} />, [node, differ, waiting, radius, place, isSelected, onSelect]);
}

function DrawnNode({ history, node, index, differ, waiting, radius, place, isSelected, onSelect }: NodeMarkProps) {
  const { id } = history.page.plan.nodes[index];
  const jobs = jobsOf(node);
  const select = (): void => onSelect(index);
  const lines = (differ > 0 ? 1 : 0) + (waiting > 0 ? 1 : 0) + (jobs.length > 0 ? 1 : 0);
  const label = labelPlace(place, radius, lines);
  const what = [stateWords(node, history.names), `${plural(differ, 'copy differs', 'copies differ')}`];
  if (waiting > 0) what.push(`${plural(waiting, 'hint waits', 'hints wait')} for it`);
  for (const job of jobs) what.push(JOB_WORDS[job.kind].long);
  return (
    <g
      class={`node ${node.state}${isSelected ? ' selected' : ''}`}
      role="button"
      tabindex={0}
      aria-pressed={isSelected}
      aria-label={`${id}: ${what.join(', ')}`}
      onClick={select}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        select();
      }}
    >
      <title>{`${id}\n${what.join('\n')}`}</title>
      <circle class="node-track" cx={place.x} cy={place.y} r={radius + 5} />
      <Gauge place={place} radius={radius + 5} share={differ / Math.max(1, history.divergentMax)} />
      <circle class="node-body" cx={place.x} cy={place.y} r={radius} />
      {radius >= NAMED_RADIUS && (
        <text class="node-id" x={place.x} y={place.y + (radius > 20 ? 1 : 4)}>
          {shortId(id, radius)}
        </text>
      )}
      {radius > 20 && (
        <text class="node-state" x={place.x} y={place.y + 15}>
          {STATE_SIGNS[node.state]}
        </text>
      )}
      <text class={`node-label ${label.side}`} y={label.y}>
        {differ > 0 && (
          <tspan class="node-differ" x={label.x} dy={LINE}>
            {formatCount(differ)}
          </tspan>
        )}
        {waiting > 0 && (
          <tspan class="node-hints" x={label.x} dy={LINE}>
            {`✉ ${formatCount(waiting)}`}
          </tspan>
        )}
        {jobs.length > 0 && (
          <tspan class="node-jobs" x={label.x} dy={LINE}>
            {jobs.map(({ kind, count }) => `${JOB_WORDS[kind].short}${count > 1 ? count : ''}`).join(' ')}
          </tspan>
        )}
      </text>
    </g>
  );
}

const STATE_SIGNS: Readonly<Record<ViewNode['state'], string>> = {
  up: 'up',
  down: '✕ down',
  paused: '‖ stalls',
  absent: '· gone',
};

function shortId(id: string, radius: number): string {
  const most = radius > 20 ? 7 : 4;
  return id.length <= most ? id : `${id.slice(0, most - 1)}…`;
}

const LINE = 14;

/** Beside the node, outside the ring; `y` is one line above the first. */
function labelPlace({ x, y, angle }: Place, radius: number, lines: number) {
  const [right, down] = [Math.cos(angle), Math.sin(angle)];
  const away = radius + 16;
  const side = right > 0.25 ? 'right' : right < -0.25 ? 'left' : 'middle';
  if (side === 'middle') return { side, x, y: down < 0 ? y - away - LINE * lines + 3 : y + away - 3 };
  return { side, x: x + away * right, y: y + away * 0.8 * down - (LINE * (lines + 1)) / 2 + 5 };
}

/** A part of a circle from the top, clockwise. */
function Gauge({ place: { x, y }, radius, share }: { place: Place; radius: number; share: number }) {
  const length = 2 * Math.PI * radius;
  const shown = share <= 0 ? 0 : Math.max(0.02, Math.min(1, share)) * length;
  return (
    <circle
      class="node-gauge"
      cx={x}
      cy={y}
      r={radius}
      stroke-dasharray={`${shown.toFixed(1)} ${length.toFixed(1)}`}
      transform={`rotate(-90 ${x.toFixed(1)} ${y.toFixed(1)})`}
    />
  );
}
