/** Time travel: the cluster at any moment of the run, forward and backward, with what an operator saw beside the truth. */
import { useMemo, useState } from 'preact/hooks';
import type { PageView } from '../../observe/view/page-view.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import { useStore } from '../parts/use-store.ts';
import type { Section, SectionProps } from '../section.ts';
import { ClusterTable, LinkTroubles, Shards } from '../travel/cluster-table.tsx';
import { Events } from '../travel/events.tsx';
import { History } from '../travel/history.ts';
import { OperatorPanel } from '../travel/operator-panel.tsx';
import { momentOf } from '../travel/playing.ts';
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
  const [selected, setSelected] = useState<number | null>(null);
  const [session, setSession] = useState<number | null>(null);
  const state = history.travel.seek(micros);
  const select = (node: number): void => setSelected(selected === node ? null : node);
  const shared = { history, state, micros };
  return (
    <div class="stack travel">
      <Transport history={history} view={view} />
      <div class="scene">
        <section class="card" aria-label="The cluster at this moment">
          <Ring {...shared} selected={selected} onSelect={select} />
          <RingLegend />
        </section>
        <div class="scene-side">
          <section class="card">
            <ClusterTable {...shared} onSelect={select} />
            <LinkTroubles {...shared} />
          </section>
          <Events history={history} micros={micros} onGo={(to) => view.set({ momentMicros: to })} />
        </div>
      </div>
      <Trees history={history} state={state} onSession={setSession} />
      {session !== null && (
        <SessionPanel key={session} {...{ history, kept, session, micros }} onClose={() => setSession(null)} />
      )}
      <Shards {...shared} />
      <OperatorPanel {...{ history, micros, selected }} />
      <RowsPanel {...{ history, kept, micros, selected }} />
    </div>
  );
}
