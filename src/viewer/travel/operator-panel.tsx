/** What an operator would have seen at the moment, beside the truth, and for how long the truth had been another. */
import { useMemo, useState } from 'preact/hooks';
import { formatCount, formatSpan } from '../../base/human.ts';
import { Asking } from '../core/asking.tsx';
import { useCore } from '../core/core.ts';
import { sizeForPage } from '../core/page-size.ts';
import type { History } from './history.ts';

interface OperatorPanelProps {
  history: History;
  micros: number;
  selected: number | null;
}

const OF_A_RING = [
  '',
  'nodetool status',
  'nodetool compactionstats',
  'nodetool netstats',
  'nodetool tablestats',
  'log',
  'repair',
];
const OF_SHARDS = [
  '',
  'influxd-ctl show',
  'influxd-ctl show-shards',
  'influxd-ctl entropy show',
  'influxd-ctl copy-shard-status',
  "SHOW STATS FOR 'hh_processor'",
  "SHOW STATS FOR 'hh'",
  "SHOW STATS FOR 'write'",
  'log',
];

export function OperatorPanel({ history, micros, selected }: OperatorPanelProps) {
  const { plan } = history.page;
  const [state, ask] = useCore<'operator'>();
  const [command, setCommand] = useState('');
  const [askedAt, setAskedAt] = useState(0);
  const node = plan.nodes[selected ?? 0].id;
  const size = useMemo(() => sizeForPage(plan), [plan]);
  const show = (): void => {
    setAskedAt(micros);
    void ask({ ask: 'operator', plan, node, command, atMicros: micros });
  };
  return (
    <section class="card operator" aria-label="The operator's view beside the truth">
      <h2>The operator’s view, and the truth</h2>
      <Truth history={history} micros={micros} />
      {size.fits && (
        <div class="row-tools">
          <label>
            asks {node} for{' '}
            <select value={command} onChange={(event) => setCommand(event.currentTarget.value)}>
              {(plan.points === undefined ? OF_A_RING : OF_SHARDS).map((one) => (
                <option key={one} value={one}>
                  {one === '' ? 'the usual commands' : one}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="small" onClick={show}>
            Show the operator’s lines
          </button>
        </div>
      )}
      {!size.fits && <p class="note">{`The lines need a run in the page, and this one is too large: ${size.why}.`}</p>}
      <Asking state={state} what="Running again up to the moment" />
      {state.kind === 'answer' && (
        <div class="beside" role="status">
          <div>
            <h3>{`what the operator sees at ${history.clock.moment(Math.floor(askedAt / 1e6) * 1e6)}`}</h3>
            <pre class="lines" tabIndex={0}>
              {state.answer.sees.join('\n')}
            </pre>
          </div>
          {state.answer.truth.length > 0 && (
            <div>
              <h3>the truth, which no operator sees</h3>
              <pre class="lines truth" tabIndex={0}>
                {state.answer.truth.join('\n')}
              </pre>
            </div>
          )}
        </div>
      )}
    </section>
  );
}

function Truth({ history, micros }: { history: History; micros: number }) {
  const [differs, wrong] = [history.differsSince(micros), history.wrongSince(micros)];
  const copies = history.total('hint_pending_copies', micros) + history.total('latent_copies', micros);
  const lasting = (since: number): string =>
    `for ${formatSpan(Math.floor((micros - since) / 1e6) * 1e6)}, since ${history.clock.moment(Math.floor(since / 1e6) * 1e6)}`;
  return (
    <ul class="truths">
      <li class={differs === null ? 'calm' : 'differs'}>
        {differs === null
          ? 'No copy differs but by messages under way.'
          : `${formatCount(copies)} copies differ; copies have differed ${lasting(differs)}.`}
      </li>
      <li class={wrong === null ? 'calm' : 'wrong'}>
        {wrong === null
          ? 'Every copy is what clients were promised.'
          : `${formatCount(history.total('wrong_copies', micros))} copies are not what clients were promised; some have been wrong ${lasting(wrong)}.`}
      </li>
    </ul>
  );
}
