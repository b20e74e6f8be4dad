/**
 * Repair sessions at the moment: how far each replica is, and the Merkle trees of each pair as they were compared, from the
 * root down to the leaves that differ. The real trees are deeper; a leaf here is an equal part of what differs.
 */
import { useState } from 'preact/hooks';
import { formatCount, plural } from '../../base/human.ts';
import type { ViewComparison, ViewSession, ViewState } from '../../observe/view/view-state.ts';
import { LEAVES } from '../../observe/view/view-state.ts';
import type { History } from './history.ts';

interface TreesProps {
  history: History;
  state: ViewState;
  onSession: (session: number) => void;
}

export function Trees({ history, state, onSession }: TreesProps) {
  const sessions = Object.entries(state.sessions).reverse();
  if (sessions.length === 0) return null;
  return (
    <section class="card trees" aria-label="Repair sessions">
      <h2>Repair sessions</h2>
      <div class="sessions">
        {sessions.map(([id, session]) => (
          <Session key={id} {...{ history, session, id, onSession }} />
        ))}
      </div>
    </section>
  );
}

const PHASES: Readonly<Record<ViewSession['phase'], string>> = {
  validating: 'replicas hash their rows',
  comparing: 'trees are compared',
  streaming: 'rows are streamed',
  finished: 'finished',
  failed: 'failed',
};

interface SessionProps extends Omit<TreesProps, 'state'> {
  session: ViewSession;
  id: string;
}

function Session({ history, session, id, onSession }: SessionProps) {
  const { names, clock } = history;
  const comparisons = Object.values(session.comparisons);
  const most = comparisons.reduce<ViewComparison | null>(
    (one, each) => (each.differ > (one?.differ ?? 0) ? each : one),
    null,
  );
  const [pair, setPair] = useState<string | null>(null);
  const shown = comparisons.find((each) => pairKey(each) === pair) ?? most ?? comparisons[0];
  const name = (node: number): string => names.nodes[node] ?? String(node);
  return (
    <article class={`session ${session.phase}`}>
      <header>
        <b>{names.origins[session.origin]}</b> <span class="note">session {id}</span>{' '}
        <span class={`phase ${session.phase}`}>{PHASES[session.phase]}</span>{' '}
        <span class="note">since {clock.moment(Math.floor(session.startedMicros / 1e6) * 1e6)}</span>{' '}
        <button type="button" class="small" onClick={() => onSession(Number(id))}>
          messages
        </button>
      </header>
      <ul class="replicas">
        {Object.entries(session.replicas).map(([node, step]) => (
          <li key={node} class={step}>
            {name(Number(node))} <span>{step === 'hashed' ? '✓ tree' : step === 'hashing' ? '… hashes' : 'asked'}</span>
          </li>
        ))}
      </ul>
      {comparisons.length > 0 && (
        <div class="choice" role="group" aria-label="Pairs whose trees were compared">
          {comparisons.map((each) => (
            <button
              key={pairKey(each)}
              type="button"
              aria-pressed={each === shown}
              onClick={() => setPair(pairKey(each))}
            >
              {`${name(each.first)} ↔ ${name(each.second)}: ${formatCount(each.differ)}`}
            </button>
          ))}
        </div>
      )}
      {shown !== undefined && <Tree comparison={shown} names={`${name(shown.first)} and ${name(shown.second)}`} />}
      {Object.values(session.streams).map(({ from, to, rows, over }) => (
        <p key={`${from}>${to}`} class={over ? 'stream over' : 'stream'}>
          {`${name(from)} → ${name(to)}: ${plural(rows, 'row')}${over ? ', done' : ' …'}`}
        </p>
      ))}
    </article>
  );
}

function pairKey({ first, second }: ViewComparison): string {
  return `${first}|${second}`;
}

const WIDTH = 660;
const ROW = 20;
const LEVELS = 6;

function Tree({ comparison, names }: { comparison: ViewComparison; names: string }) {
  const { differ, visited, from, to, leaves } = comparison;
  if (differ === 0) return <p class="note">{`The trees of ${names} are the same: one look at the roots tells.`}</p>;
  const said =
    from < 0
      ? `${plural(differ, 'range differs', 'ranges differ')} of ${names}, none of which has partitions`
      : `${plural(differ, 'range differs', 'ranges differ')} between partitions ${formatCount(from)} and ${formatCount(to)} in token order; ${plural(visited, 'pair', 'pairs')} of tree nodes looked at`;
  return (
    <figure class="tree">
      {leaves !== '' && (
        <svg viewBox={`0 0 ${WIDTH} ${ROW * LEVELS + 30}`} role="img" aria-label={`Merkle trees of ${names}: ${said}`}>
          <path class="branch" d={branches(leaves, false)} />
          <path class="branch lit" d={branches(leaves, true)} />
          {LEAF_LOOKS.map((look, index) => {
            const bars = leafBars(leaves, look.digits);
            return bars === '' ? null : (
              <path key={look.digits} class={`leaf differ-${index}`} d={bars}>
                <title>{look.said}</title>
              </path>
            );
          })}
        </svg>
      )}
      <figcaption class="note">{said}</figcaption>
    </figure>
  );
}

/** What a leaf's digit says, from 0 to 9; all that look alike are one path, because there are very many. */
const LEAF_LOOKS = [
  { digits: '0', said: 'the same' },
  { digits: '123', said: 'differs a little: 1 to 3 of 9' },
  { digits: '456', said: 'differs: 4 to 6 of 9' },
  { digits: '789', said: 'differs most: 7 to 9 of 9' },
] as const;
const LEAF_WIDTH = 8;

function leafBars(leaves: string, digits: string): string {
  const bars: string[] = [];
  for (let leaf = 0; leaf < leaves.length; leaf += 1) {
    const digit = leaves[leaf];
    if (!digits.includes(digit)) continue;
    const height = digit === '0' ? 6 : 8 + Number(digit) * 2;
    bars.push(`M${leafX(leaf) - LEAF_WIDTH / 2} ${ROW * LEVELS}h${LEAF_WIDTH}v${height}h${-LEAF_WIDTH}z`);
  }
  return bars.join('');
}

function leafX(leaf: number): number {
  return ((leaf + 0.5) / LEAVES) * WIDTH;
}

/** From the root to every node that has a differing leaf below it; where all below is the same, one step less. Those that lead
 * to one that differs are lit. */
function branches(leaves: string, wantLit: boolean): string {
  const lines: string[] = [];
  for (let level = 0; level < LEVELS; level += 1) {
    const span = LEAVES >> level;
    for (let node = 0; node < 1 << level; node += 1) {
      const first = node * span;
      if (!isLit(leaves, first, span)) continue;
      for (const child of [0, 1]) {
        const below = first + (child * span) / 2;
        if (isLit(leaves, below, span / 2) !== wantLit) continue;
        const bottom = level === LEVELS - 1 ? ROW * LEVELS : 8 + (level + 1) * ROW;
        lines.push(`M${middleX(first, span)} ${8 + level * ROW}L${middleX(below, span / 2)} ${bottom}`);
      }
    }
  }
  return lines.join('');
}

function isLit(leaves: string, first: number, span: number): boolean {
  for (let leaf = first; leaf < first + span; leaf += 1) if (leaves[leaf] !== '0') return true;
  return false;
}

function middleX(first: number, span: number): number {
  return ((first + span / 2) / LEAVES) * WIDTH;
}
