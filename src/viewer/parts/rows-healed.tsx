/**
 * Strategies row by row: which combinations of them left how many rows that the others healed, and some of these rows with the
 * copies that are amiss, why, whose fault, and the command that explains one. One button a combination shows its rows alone.
 */
import { useMemo, useState } from 'preact/hooks';
import { formatCount, plural } from '../../base/human.ts';
import { causeLabel } from '../../report/chart-groups.ts';
import { causeWords, STATE_WORDS } from '../../report/page/cause-words.ts';
import type { ComparePage } from '../../report/page/page-data.ts';
import { explainCommand, kindsOf, rowsOfKind, unlistedRows } from '../../report/page/rows-model.ts';
import type { RowKind } from '../../report/page/rows-model.ts';
import type { ComparedRow, RowsCompared } from '../../studies/compare/rows-compared.ts';
import type { LeftCopy } from '../../studies/compare/rows-left.ts';
import { CopyButton } from './copy-button.tsx';

interface RowsHealedProps {
  page: ComparePage;
  rows: RowsCompared;
  /** Strategies that are shown. */
  shown: readonly string[];
}

const FEW = 12;

export function RowsHealed({ page, rows, shown: asked }: RowsHealedProps) {
  const shown = asked.filter((id) => rows.strategies.includes(id));
  const kinds = useMemo(() => kindsOf(rows, shown), [rows, shown.join()]);
  const [chosen, setChosen] = useState<string | null>(null);
  const kind = kinds.find(({ left }) => left.join() === chosen) ?? null;
  const listed = rowsOfKind(rows, shown, kind?.left ?? null);
  const others = asked.filter((id) => !rows.strategies.includes(id));
  const differing = kinds.reduce((sum, one) => sum + one.rows, 0);
  return (
    <section class="card rows-healed" aria-labelledby="rows-title">
      <h2 id="rows-title">{`Row by row, seed ${rows.seed}: what one healed and another left`}</h2>
      {shown.length < 2 ? (
        <p class="note">Show two strategies above to see the rows by which they differ.</p>
      ) : differing === 0 ? (
        <p>{`No row was healed by one of these and left by another.${leftByAll(rows)}`}</p>
      ) : (
        <>
          <p>
            <b>{plural(differing, 'row')}</b>
            {` ${differing === 1 ? 'was' : 'were'} healed by some of these strategies and left by others.${leftByAll(rows)}`}
          </p>
          <Kinds kinds={kinds} shown={shown} chosen={kind?.left.join() ?? null} onChoose={setChosen} />
          <Listed key={chosen ?? ''} page={page} listed={listed} shown={shown} total={kind?.rows ?? differing} />
        </>
      )}
      {unlistedRows(rows) > 0 && (
        <p class="note">{`Not counted here: ${plural(unlistedRows(rows), 'row')} of combinations that are rarer still.`}</p>
      )}
      {others.length > 0 && (
        <p class="note">{`${others.join(', ')}: has other tables, so its rows are not these rows.`}</p>
      )}
    </section>
  );
}

function leftByAll({ left_by_all: rows, strategies }: RowsCompared): string {
  return rows === 0 ? '' : ` ${plural(rows, 'more row', 'more rows')} all ${strategies.length} left.`;
}

interface KindsProps {
  kinds: readonly RowKind[];
  shown: readonly string[];
  chosen: string | null;
  onChoose: (kind: string | null) => void;
}

function Kinds({ kinds, shown, chosen, onChoose }: KindsProps) {
  const most = kinds.reduce((largest, { rows }) => Math.max(largest, rows), 1);
  return (
    <div class="scroll">
      <table class="kinds">
        <caption>Each line a combination: ● left these rows, ✓ healed them. Choose one to see its rows alone.</caption>
        <thead>
          <tr>
            {shown.map((id) => (
              <th key={id} scope="col" class="mark">
                {id}
              </th>
            ))}
            <th scope="col" class="number">
              rows
            </th>
            <th scope="col">
              <span class="unseen">share and choice</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {kinds.map(({ left, rows }) => {
            const id = left.join();
            return (
              <tr key={id} class={id === chosen ? 'own' : ''}>
                {shown.map((one) => (
                  <td key={one} class={left.includes(one) ? 'mark left' : 'mark healed'}>
                    <span aria-hidden="true">{left.includes(one) ? '●' : '✓'}</span>
                    <span class="unseen">{left.includes(one) ? 'left' : 'healed'}</span>
                  </td>
                ))}
                <td class="number">{formatCount(rows)}</td>
                <td class="bar-cell">
                  <span class="share-track" aria-hidden="true">
                    <span class="share-bar" style={{ width: `${Math.max(1, (rows / most) * 100)}%` }} />
                  </span>
                  <button
                    type="button"
                    class="small"
                    aria-pressed={id === chosen}
                    aria-label={`Show only rows left by ${left.join(', ')}`}
                    onClick={() => onChoose(id === chosen ? null : id)}
                  >
                    {id === chosen ? 'show all' : 'these rows'}
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface ListedProps {
  page: ComparePage;
  listed: readonly ComparedRow[];
  shown: readonly string[];
  total: number;
}

function Listed({ page, listed, shown, total }: ListedProps) {
  const [isAll, setIsAll] = useState(false);
  const rows = isAll ? listed : listed.slice(0, FEW);
  if (rows.length === 0) return <p class="note">None of these rows is among those that were kept.</p>;
  return (
    <>
      <div class="scroll">
        <table class="rows-left">
          <caption>
            {listed.length < total
              ? `${formatCount(listed.length)} of ${formatCount(total)} rows: some of every combination, cause and node in turn, in the order of a hash of their number.`
              : `All ${formatCount(total)} rows.`}
          </caption>
          <thead>
            <tr>
              <th scope="col">row</th>
              {shown.map((id) => (
                <th key={id} scope="col">
                  {id}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={`${row.table} ${row.key} ${row.row}`} page={page} row={row} shown={shown} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length < listed.length && (
        <button type="button" class="small" onClick={() => setIsAll(true)}>
          {`Show all ${listed.length}`}
        </button>
      )}
    </>
  );
}

function Row({ page, row, shown }: { page: ComparePage; row: ComparedRow; shown: readonly string[] }) {
  const [isOpen, setIsOpen] = useState(false);
  const name = `${row.table}:${row.key}${row.row > 0 ? `, row ${row.row}` : ''}`;
  return (
    <>
      <tr class={isOpen ? 'open' : ''}>
        <th scope="row">
          <button type="button" class="plain" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            <span aria-hidden="true">{isOpen ? '▾ ' : '▸ '}</span>
            {name}
          </button>
        </th>
        {shown.map((id) => (
          <Cell key={id} copies={row.left[id]} />
        ))}
      </tr>
      {isOpen && (
        <tr class="why">
          <td colSpan={shown.length + 1}>
            <Why page={page} row={row} shown={shown} />
          </td>
        </tr>
      )}
    </>
  );
}

function Cell({ copies }: { copies: readonly LeftCopy[] | undefined }) {
  if (copies === undefined)
    return (
      <td class="healed">
        <span aria-hidden="true">✓</span>
        <span class="unseen">healed</span>
      </td>
    );
  return (
    <td>
      {nodesByFate(copies).map(([fate, nodes]) => (
        <span key={fate} class="copy">
          <b>{nodes.join(' ')}</b> {fate}
        </span>
      ))}
    </td>
  );
}

/** Its cause; where none is known, what it is for clients. */
function nodesByFate(copies: readonly LeftCopy[]): [fate: string, nodes: string[]][] {
  const fates = new Map<string, string[]>();
  for (const { node, cause, wrong } of copies) {
    const fate = cause === 'none' ? wrong : causeLabel(cause);
    const nodes = fates.get(fate);
    if (nodes === undefined) fates.set(fate, [node]);
    else nodes.push(node);
  }
  return [...fates];
}

/** The copies in whole sentences, and what to type for all of it. */
function Why({ page, row, shown }: { page: ComparePage; row: ComparedRow; shown: readonly string[] }) {
  const left = shown.filter((id) => Object.hasOwn(row.left, id));
  const healed = shown.filter((id) => !Object.hasOwn(row.left, id));
  return (
    <div class="why-all">
      {left.map((id) => (
        <div key={id} class="why-one">
          <b>{`left by ${id}`}</b>
          <ul>
            {row.left[id].map((copy) => (
              <li key={copy.node}>{sentenceOf(copy)}</li>
            ))}
          </ul>
          {Object.hasOwn(page.replays, id) && <Command text={explainCommand(page.replays[id], row)} />}
        </div>
      ))}
      {healed.length > 0 && <p class="note">{`Right at the end with ${healed.join(', ')}.`}</p>}
    </div>
  );
}

function Command({ text }: { text: string }) {
  return (
    <p class="replay">
      <code>{text}</code>
      <CopyButton text={text} label="Copy" />
    </p>
  );
}

function sentenceOf({ node, cause, state, origin, wrong }: LeftCopy): string {
  const why = cause === 'none' ? '' : `: ${causeWords(cause)}`;
  const whose = origin === '' || origin === 'workload' ? '' : `, from ${origin}`;
  const next = Object.hasOwn(STATE_WORDS, state) ? `; ${STATE_WORDS[state as keyof typeof STATE_WORDS]}` : '';
  const clients = wrong === 'right' ? '' : `; for clients it is ${wrong}`;
  const agrees = state === 'none' ? '; the copies agree' : '';
  return `${node}${why}${whose}${next}${clients}${agrees}`;
}
