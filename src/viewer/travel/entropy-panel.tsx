/** What the anti-entropy service of InfluxDB does around the moment, of one shard or of all, as a space-time diagram. */
import { useMemo, useState } from 'preact/hooks';
import { plural } from '../../base/human.ts';
import type { EntropyWatched } from '../../studies/entropy-watch.ts';
import { Asking } from '../core/asking.tsx';
import { useCore } from '../core/core.ts';
import { sizeForPage } from '../core/page-size.ts';
import { SpaceTimeDiagram } from '../space-time/diagram.tsx';
import { entropySpaceTime } from '../space-time/entropy-marks.ts';
import type { History } from './history.ts';

const SHARDS_MAX = 200;

export function EntropyPanel({ history, micros }: { history: History; micros: number }) {
  const { plan } = history.page;
  const [state, ask] = useCore<'entropy'>();
  const [table, setTable] = useState<number | null>(null);
  const [askedAt, setAskedAt] = useState(0);
  const size = useMemo(() => sizeForPage(plan), [plan]);
  if (plan.points === undefined) return null;
  const show = (): void => {
    setAskedAt(micros);
    void ask({ ask: 'entropy', plan, table, atMicros: micros });
  };
  const shards = plan.tables.flatMap(({ shard }, index) => (shard === undefined ? [] : [{ index, ...shard }]));
  return (
    <section class="card entropy" aria-label="Anti-entropy between owners">
      <h2>Anti-entropy between owners</h2>
      <p class="note">
        Each owner of a shard compares its digest with that of the next owner of the list; a repair sends on what that
        one lacks, owner by owner.
      </p>
      {size.fits ? (
        <div class="row-tools">
          <label>
            of{' '}
            <select
              value={table === null ? '' : String(table)}
              onChange={({ currentTarget: { value } }) => setTable(value === '' ? null : Number(value))}
            >
              <option value="">all shards</option>
              {shards.slice(0, SHARDS_MAX).map(({ index, number, policy }) => (
                <option key={index} value={String(index)}>{`shard ${number}, ${policy}`}</option>
              ))}
            </select>
          </label>
          <button type="button" class="small" onClick={show}>
            Show its messages around the moment
          </button>
        </div>
      ) : (
        <p class="note">{`It needs a run in the page, and this one is too large: ${size.why}.`}</p>
      )}
      <Asking state={state} what="Running again with a watch on anti-entropy" />
      {state.kind === 'answer' && <Messages watched={state.answer} history={history} focusMicros={askedAt} />}
    </section>
  );
}

interface MessagesProps {
  watched: EntropyWatched;
  history: History;
  focusMicros: number;
}

function Messages({ watched: { steps, leftOut }, history, focusMicros }: MessagesProps) {
  const marks = useMemo(() => entropySpaceTime(steps, history.page.plan, history.names), [steps, history]);
  if (steps.length === 0)
    return (
      <p role="status">
        In this run nothing of it is compared or repaired: the service is off, or the shard never cold.
      </p>
    );
  return (
    <div role="status">
      <SpaceTimeDiagram
        marks={marks}
        nodes={history.names.nodes}
        clock={history.clock}
        focusMicros={focusMicros}
        title="anti-entropy"
      />
      {leftOut > 0 && <p class="note">{`Farther from the moment: ${plural(leftOut, 'step')} that are not kept.`}</p>}
    </div>
  );
}
