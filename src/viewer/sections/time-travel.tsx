/** Time travel: the cluster at any moment of the run, forward and backward, with what an operator saw beside the truth. */
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { PageView } from '../../observe/view/page-view.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import { useStore } from '../parts/use-store.ts';
import type { Section, SectionProps } from '../section.ts';
import { ClusterTable, LinkTroubles, Shards } from '../travel/cluster-table.tsx';
import { EntropyPanel } from '../travel/entropy-panel.tsx';
import { Events } from '../travel/events.tsx';
import { History } from '../travel/history.ts';
import { OperatorPanel } from '../travel/operator-panel.tsx';
import { momentOf, useCalm } from '../travel/playing.ts';
import { Ring } from '../travel/ring.tsx';
import { RingLegend } from '../travel/ring-legend.tsx';
import { RowsPanel } from '../travel/rows-panel.tsx';
import { SessionPanel } from '../travel/session-panel.tsx';
import { Transport } from '../travel/transport.tsx';
import { Trees } from '../travel/trees.tsx';
import type { ViewStore } from '../view-state.ts';
import '../travel/travel.css';

export const timeTravelSection: Section = {
  id: 'time',
  title: 'Time travel',
  kinds: ['run'],
  rank: 10,
  isIn: (page) => page.kind === 'run' && page.view !== null,
  Body: ({ page, view }: SectionProps) =>
    page.kind === 'run' && page.view !== null ? <TimeTravel page={page} kept={page.view} view={view} /> : null,
};

function TimeTravel({ page, kept, view }: { page: RunPage; kept: PageView; view: ViewStore }) {
  const history = useMemo(() => new History(page, kept), [page]);
  const micros = useStore(view, momentOf);
  const calm = useCalm(micros);
  const [selected, setSelected] = useState<number | null>(null);
  const select = useCallback((node: number): void => setSelected((old) => (old === node ? null : node)), []);
  const state = history.travel.seek(micros);
  // The ring follows every picture of the screen, what is read a few times a second.
  const side = useMemo(() => <Side {...{ history, view, select }} micros={calm} />, [history, calm]);
  const below = useMemo(() => <Below {...{ history, kept, selected }} micros={calm} />, [history, selected, calm]);
  return (
    <div class="stack travel">
      <Transport history={history} view={view} />
      <div class="scene">
        <section class="card" aria-label="The cluster at this moment">
          <Ring {...{ history, state, micros, selected }} onSelect={select} />
          <LinkTroubles history={history} state={state} />
          <RingLegend />
        </section>
        {side}
      </div>
      {below}
    </div>
  );
}

interface PartProps {
  history: History;
  micros: number;
}

function Side({ history, micros, view, select }: PartProps & { view: ViewStore; select: (node: number) => void }) {
  const state = history.calmTravel.seek(micros);
  return (
    <div class="scene-side">
      <section class="card">
        <ClusterTable {...{ history, state, micros }} onSelect={select} />
      </section>
      <Events history={history} micros={micros} onGo={(to) => view.set({ momentMicros: to })} />
    </div>
  );
}

function Below({ history, micros, kept, selected }: PartProps & { kept: PageView; selected: number | null }) {
  const [session, setSession] = useState<number | null>(null);
  const state = history.calmTravel.seek(micros);
  // States share what is the same, so the same sessions are the same drawing.
  const trees = useMemo(
    () => <Trees history={history} state={state} onSession={setSession} />,
    [history, state.sessions],
  );
  return (
    <>
      {trees}
      {session !== null && (
        <SessionPanel key={session} {...{ history, kept, session, micros }} onClose={() => setSession(null)} />
      )}
      <Shards {...{ history, state, micros }} />
      <EntropyPanel {...{ history, micros }} />
      <OperatorPanel {...{ history, micros, selected }} />
      <RowsPanel {...{ history, kept, micros, selected }} />
    </>
  );
}
