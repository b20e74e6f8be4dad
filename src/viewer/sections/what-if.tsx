/** What if: a fault dropped or moved, a setting changed, run in the page and set beside the run as it was. */
import { useMemo, useState } from 'preact/hooks';
import { formatCount, formatSpan } from '../../base/human.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import type { CauseChange, Pair } from '../../studies/what-if.ts';
import { wordsOf } from '../../studies/record-text.ts';
import { Asking } from '../core/asking.tsx';
import { useCore } from '../core/core.ts';
import { sizeForPage } from '../core/page-size.ts';
import type { EditKind, EditText, WhatIfTold } from '../core/requests.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import type { Section, SectionProps } from '../section.ts';
import '../travel/travel.css';
import { WhatIfChart } from '../travel/what-if-chart.tsx';

export const whatIfSection: Section = {
  id: 'what-if',
  title: 'What if',
  kinds: ['run'],
  rank: 20,
  Body: ({ page }: SectionProps) => (page.kind === 'run' ? <WhatIf page={page} /> : null),
};

function WhatIf({ page }: { page: RunPage }) {
  const { plan } = page;
  const size = useMemo(() => sizeForPage(plan), [plan]);
  const [edits, setEdits] = useState<EditText[]>([]);
  const [state, ask] = useCore<'what-if'>();
  const add = (edit: EditText): void =>
    setEdits((all) => [...all.filter(({ kind, text }) => kind !== edit.kind || text !== edit.text), edit]);
  return (
    <div class="stack what-if">
      <section class="card" aria-label="Edits">
        <h2>What if …</h2>
        {!size.fits && (
          <p class="warning">{`This run is too large to be run in a page: ${size.why}. On the command line: reconverge what-if, with the same edits.`}</p>
        )}
        <Entries page={page} onEdit={add} />
        <EditForm onEdit={add} />
        <Edits edits={edits} onDrop={(edit) => setEdits(edits.filter((one) => one !== edit))} />
        {size.fits && (
          <p>
            <button
              type="button"
              class="primary"
              disabled={edits.length === 0}
              onClick={() => void ask({ ask: 'what-if', plan, edits })}
            >
              Run both
            </button>{' '}
            <span class="note">{`about ${size.seconds * 2} s`}</span>
          </p>
        )}
        <Asking state={state} what="Running both worlds" />
      </section>
      {state.kind === 'answer' && <Difference page={page} told={state.answer} />}
    </div>
  );
}

const SHIFTS = ['-1h', '-10m', '+10m', '+1h'];

function Entries({ page, onEdit }: { page: RunPage; onEdit: (edit: EditText) => void }) {
  const clock = new VirtualClock(page.plan.start, page.result.virtual_micros);
  const bands = [...page.faults, ...page.repairs];
  const shown = bands.filter(({ id }, index) => bands.findIndex((band) => band.id === id) === index);
  if (shown.length === 0) return null;
  return (
    <ul class="entries">
      {shown.map(({ id, detail, fromMicros }) => (
        <li key={id}>
          <div>
            <code>{id}</code> <span class="note">{`${clock.moment(fromMicros)} · ${detail}`}</span>
          </div>
          <div class="entry-tools">
            <button type="button" class="small" onClick={() => onEdit({ kind: 'remove', text: id })}>
              drop it
            </button>
            {SHIFTS.map((by) => (
              <button
                key={by}
                type="button"
                class="small"
                aria-label={`move ${id} by ${by}`}
                onClick={() => onEdit({ kind: 'shift', text: `${id}=${by}` })}
              >
                {by.replace('-', '−')}
              </button>
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}

const KINDS: readonly EditKind[] = ['set', 'remove', 'shift', 'add'];

function EditForm({ onEdit }: { onEdit: (edit: EditText) => void }) {
  const [kind, setKind] = useState<EditKind>('set');
  const [text, setText] = useState('');
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === '') return;
        onEdit({ kind, text: text.trim() });
        setText('');
      }}
    >
      <select
        aria-label="Kind of edit"
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as EditKind)}
      >
        {KINDS.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <input
        type="text"
        size={44}
        aria-label="The edit, as on the command line"
        placeholder="cluster.settings.max_hint_window=6h"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="small">
        Add the edit
      </button>
    </form>
  );
}

function Edits({ edits, onDrop }: { edits: readonly EditText[]; onDrop: (edit: EditText) => void }) {
  if (edits.length === 0) return <p class="note">No edit yet: drop or move an entry, or change a setting.</p>;
  return (
    <ul class="chips" aria-label="Edits">
      {edits.map((edit) => (
        <li key={`${edit.kind} ${edit.text}`}>
          <button
            type="button"
            class="small"
            aria-label={`take back ${edit.kind} ${edit.text}`}
            onClick={() => onDrop(edit)}
          >
            <code>{`--${edit.kind} ${edit.text}`}</code> ✕
          </button>
        </li>
      ))}
    </ul>
  );
}

// ---------------------------------------------------------------- the difference

function Difference({ page, told }: { page: RunPage; told: WhatIfTold }) {
  const { study, text, output } = told;
  // The same edits behind the command that runs this very run again.
  const replay = study.replay.edited.replace('reconverge run plan.json', () => page.replay);
  const clock = new VirtualClock(page.plan.start, page.result.virtual_micros);
  const isSame = study.fingerprint.base === page.result.fingerprint;
  return (
    <section class="card difference" aria-label="The difference" role="status">
      <h2>The difference</h2>
      <p>
        {study.parts === null
          ? 'Nothing differs: the edit has no effect.'
          : `The same until ${clock.moment(Math.floor(study.parts.at_micros / 1e6) * 1e6)}, ${formatSpan(Math.floor(study.parts.at_micros / 1e6) * 1e6)} into the run.`}{' '}
        <span class={isSame ? 'note fingerprint-same' : 'warning'}>
          {isSame
            ? `Run here, the run as it was has the fingerprint ${study.fingerprint.base}, as on the command line.`
            : `Run here, the run as it was has the fingerprint ${study.fingerprint.base}, another than the command line's: a bug.`}
        </span>
      </p>
      <WhatIfChart page={page} edited={output.series} clock={clock} />
      <div class="scroll">
        <table>
          <caption>Copies by cause: how many began to differ, how many of them were left at the end</caption>
          <thead>
            <tr>
              <th scope="col">cause</th>
              <th scope="col" class="number">
                began, was
              </th>
              <th scope="col" class="number">
                would be
              </th>
              <th scope="col" class="number">
                left, was
              </th>
              <th scope="col" class="number">
                would be
              </th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(study.causes).map(([cause, change]) => (
              <CauseRow key={cause} cause={cause} change={change} />
            ))}
            <NumberRow name="worst moment: copies that differ" pair={study.peak_divergent_copies} />
            <NumberRow name="row-hours that differ" pair={study.totals.divergent_row_hours} />
            <NumberRow name="row-hours that are wrong" pair={study.totals.wrong_row_hours} />
          </tbody>
        </table>
      </div>
      <p class="replay">
        <code>{replay}</code>
        <CopyButton text={replay} label="Copy" />
        <span class="fingerprint">
          fingerprint <code>{study.fingerprint.edited}</code>
        </span>
      </p>
      <details>
        <summary>All of it, as on the command line</summary>
        <pre class="lines">{text}</pre>
      </details>
    </section>
  );
}

function CauseRow({ cause, change }: { cause: string; change: CauseChange }) {
  const { born, left } = change;
  // Every write is in flight for a while: more of it is no harm.
  const isHarm = cause !== 'in_flight';
  return (
    <tr>
      <th scope="row">{wordsOf(cause)}</th>
      <td class="number">{formatCount(born.base)}</td>
      <td class={`number ${isHarm ? better(born) : ''}`}>{formatCount(born.edited)}</td>
      <td class="number">{formatCount(left.base)}</td>
      <td class={`number ${isHarm ? better(left) : ''}`}>{formatCount(left.edited)}</td>
    </tr>
  );
}

function NumberRow({ name, pair }: { name: string; pair: Pair }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="number">{formatCount(Math.round(pair.base))}</td>
      <td class={`number ${better(pair)}`}>{formatCount(Math.round(pair.edited))}</td>
      <td colSpan={2} />
    </tr>
  );
}

function better({ base, edited }: Pair): string {
  return edited < base ? 'better' : edited > base ? 'worse' : '';
}
