/** The messages of one repair session: of one that the run kept at once, of another by running again. */
import { useEffect, useMemo } from 'preact/hooks';
import type { PageView } from '../../observe/view/page-view.ts';
import { Asking } from '../core/asking.tsx';
import { useCore } from '../core/core.ts';
import { sizeForPage } from '../core/page-size.ts';
import { SpaceTimeDiagram } from '../space-time/diagram.tsx';
import { sessionSpaceTime } from '../space-time/space-time.ts';
import type { History } from './history.ts';

interface SessionPanelProps {
  history: History;
  kept: PageView;
  session: number;
  micros: number;
  onClose: () => void;
}

export function SessionPanel({ history, kept, session, micros, onClose }: SessionPanelProps) {
  const { plan } = history.page;
  const known = kept.sessions.find((one) => one.session === session);
  const [state, ask] = useCore<'session'>();
  const size = sizeForPage(plan);
  useEffect(() => {
    if (known === undefined && size.fits) void ask({ ask: 'session', plan, session, atMicros: micros });
  }, [session]);
  const records = known?.records ?? (state.kind === 'answer' ? state.answer.records : null);
  const marks = useMemo(() => (records === null ? null : sessionSpaceTime(records, history.names)), [records, history]);
  return (
    <section class="card" aria-label={`Messages of repair session ${session}`}>
      <h2>
        {`Messages of repair session ${session}`}{' '}
        <button type="button" class="small" onClick={onClose}>
          close
        </button>
      </h2>
      {known === undefined && !size.fits && (
        <p class="note">{`It was not kept, and the run is too large for a page: ${size.why}.`}</p>
      )}
      {known === undefined && <Asking state={state} what="Running again with a watch on the session" />}
      {marks !== null && (
        <SpaceTimeDiagram
          marks={marks}
          nodes={history.names.nodes}
          clock={history.clock}
          focusMicros={micros}
          title={`repair session ${session}`}
        />
      )}
    </section>
  );
}
