/**
 * Rows: what differs at the moment on a node or anywhere, any row by its key, the ten that the run kept. A row is told in the
 * words of `explain`, with its messages as a space-time diagram. Runs the plan again in the page where that is small enough.
 */
import { useMemo, useState } from 'preact/hooks';
import { formatCount, plural } from '../../base/human.ts';
import type { NamedRow, PageView } from '../../observe/view/page-view.ts';
import { wordsOf } from '../../studies/record-text.ts';
import { Asking } from '../core/asking.tsx';
import { useCore } from '../core/core.ts';
import { sizeForPage } from '../core/page-size.ts';
import type { AmissRows, RowTold } from '../core/requests.ts';
import { SpaceTimeDiagram } from '../space-time/diagram.tsx';
import { rowSpaceTime } from '../space-time/space-time.ts';
import type { History } from './history.ts';

interface RowsPanelProps {
  history: History;
  kept: PageView;
  micros: number;
  selected: number | null;
}

interface RowName {
  table: string;
  key: string;
  row: number | null;
}

export function RowsPanel({ history, kept, micros, selected }: RowsPanelProps) {
  const { plan } = history.page;
  const size = useMemo(() => sizeForPage(plan), [plan]);
  const [amiss, askAmiss] = useCore<'rows'>();
  const [told, askRow] = useCore<'row'>();
  const [shownKept, setShownKept] = useState<NamedRow | null>(null);
  const where = selected === null ? 'anywhere' : `on ${plan.nodes[selected].id}`;
  const explain = ({ table, key, row }: RowName): void => {
    setShownKept(null);
    void askRow({ ask: 'row', plan, row: { table, key, row }, atMicros: micros });
  };
  return (
    <section class="card rows" aria-label="Rows">
      <h2>Rows at this moment</h2>
      {size.fits ? (
        <>
          <p class="note">{`The run is in this page: it is run again up to the moment, about ${plural(size.seconds, 'second')}.`}</p>
          <div class="row-tools">
            <button
              type="button"
              class="small"
              onClick={() => void askAmiss({ ask: 'rows', plan, node: selected, atMicros: micros })}
            >
              {`What differs ${where}?`}
            </button>
            <KeyForm tables={plan.tables.map(({ id }) => id)} onAsk={explain} />
          </div>
        </>
      ) : (
        <p class="warning">{`This run is too large to be run in a page: ${size.why}. These rows were kept:`}</p>
      )}
      <Asking state={amiss} what="Looking for what differs" />
      {amiss.kind === 'answer' && <Amiss found={amiss.answer} where={where} onAsk={explain} />}
      <KeptRows rows={kept.rows} shown={shownKept} onShow={setShownKept} />
      <Asking state={told} what="Running again with a watch on the row" />
      {told.kind === 'answer' && shownKept === null && <Told told={told.answer} history={history} />}
      {shownKept !== null && (
        <KeptRow
          row={shownKept}
          history={history}
          micros={micros}
          {...(size.fits ? { onExplain: () => explain(shownKept) } : {})}
        />
      )}
    </section>
  );
}

function KeyForm({ tables, onAsk }: { tables: readonly string[]; onAsk: (row: RowName) => void }) {
  const [table, setTable] = useState(tables[0] ?? '');
  const [key, setKey] = useState('');
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() !== '') onAsk({ table, key: key.trim(), row: null });
      }}
    >
      {tables.length > 1 && (
        <select aria-label="Table" value={table} onChange={(event) => setTable(event.currentTarget.value)}>
          {tables.map((id) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      )}
      <label>
        key{' '}
        <input
          type="text"
          size={12}
          value={key}
          spellcheck={false}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="small">
        Explain the row
      </button>
    </form>
  );
}

function Amiss({ found, where, onAsk }: { found: AmissRows; where: string; onAsk: (row: RowName) => void }) {
  if (found.copyCount === 0) return <p role="status">{`No copy differs or is wrong ${where}.`}</p>;
  return (
    <div class="amiss" role="status">
      <p>{`${plural(found.copyCount, 'copy', 'copies')} of ${plural(found.rowCount, 'row')} ${where}:`}</p>
      <ul>
        {found.groups.slice(0, 8).map(({ cause, state, origin, copies }) => (
          <li key={`${cause} ${state} ${origin}`}>
            <b>{formatCount(copies)}</b> {wordsOf(cause)}
            {state !== 'none' && `, ${wordsOf(state)}`}
            {origin !== '' && origin !== 'workload' && <code>{` ${origin}`}</code>}
          </li>
        ))}
      </ul>
      <ul class="chips" aria-label="Rows among them">
        {found.rows.map((row) => (
          <li key={`${row.table} ${row.key} ${row.row}`}>
            <button type="button" class="small" onClick={() => onAsk(row)} title={row.copies.map(copyText).join('\n')}>
              {`${row.table}:${row.key}`}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function copyText({ node, cause, state, wrong }: AmissRows['rows'][number]['copies'][number]): string {
  return `${node}: ${wordsOf(cause)}${state === 'none' ? '' : `, ${wordsOf(state)}`}${wrong === 'right' ? '' : `, ${wrong}`}`;
}

interface KeptRowsProps {
  rows: readonly NamedRow[];
  shown: NamedRow | null;
  onShow: (row: NamedRow) => void;
}

function KeptRows({ rows, shown, onShow }: KeptRowsProps) {
  if (rows.length === 0) return null;
  return (
    <div class="kept">
      <p class="note">Kept from the run, one or two of each cause:</p>
      <ul class="chips" aria-label="Rows that the run kept">
        {rows.map((row) => (
          <li key={`${row.table} ${row.key} ${row.row}`}>
            <button type="button" class="small" aria-pressed={row === shown} onClick={() => onShow(row)}>
              {`${row.table}:${row.key}`}
              <span class="note">{` ${wordsOf(row.cause)}${row.origin === '' ? '' : `, ${row.origin}`}`}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface KeptRowProps {
  row: NamedRow;
  history: History;
  micros: number;
  onExplain?: () => void;
}

function KeptRow({ row, history, micros, onExplain }: KeptRowProps) {
  const marks = useMemo(() => rowSpaceTime(row.records, history.names), [row, history]);
  const name = `${row.table}:${row.key}`;
  return (
    <div class="told">
      <h3>
        {name}{' '}
        {onExplain !== undefined && (
          <button type="button" class="small" onClick={onExplain}>
            Explain it at this moment
          </button>
        )}
      </h3>
      <p class="note">{`Kept from ${history.clock.moment(Math.floor(row.fromMicros / 1e6) * 1e6)} on, when it was the first or second of its cause; of before only its writes.`}</p>
      <SpaceTimeDiagram
        marks={marks}
        nodes={history.names.nodes}
        clock={history.clock}
        focusMicros={micros}
        title={name}
      />
    </div>
  );
}

function Told({ told, history }: { told: RowTold; history: History }) {
  const { explanation, text, records } = told;
  const marks = useMemo(() => rowSpaceTime(records, history.names), [records, history]);
  const name = `${explanation.table}:${explanation.key}`;
  return (
    <div class="told" role="status">
      <h3>{name}</h3>
      <pre class="lines" tabIndex={0} aria-label={`What explain says of ${name}`}>
        {text}
      </pre>
      <SpaceTimeDiagram
        marks={marks}
        nodes={history.names.nodes}
        clock={history.clock}
        focusMicros={explanation.at_micros}
        title={name}
      />
    </div>
  );
}
