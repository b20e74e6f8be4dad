/** The frame of every page: head, tabs of the sections, the section that is chosen. The address remembers the section. */
import { Component } from 'preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { PageData } from '../report/page/page-data.ts';
import { PageHead } from './parts/page-head.tsx';
import { Problem } from './parts/problem.tsx';
import { useStore } from './parts/use-store.ts';
import type { Section } from './section.ts';
import { sectionsOf } from './sections/sections-of.ts';
import { Store } from './view-state.ts';
import type { ViewState, ViewStore } from './view-state.ts';

function firstView(page: PageData, sections: readonly Section[]): ViewState {
  const asked = decodeURIComponent(location.hash.slice(1));
  const section = sections.find(({ id }) => id === asked)?.id ?? sections[0]?.id ?? '';
  return { section, fromMicros: 0, toMicros: spanMicros(page), momentMicros: null };
}

/** Length of the virtual time that charts of the page show. */
function spanMicros(page: PageData): number {
  if (page.kind === 'run') return page.result.virtual_micros;
  return page.kind === 'compare' ? page.endMicros : 1;
}

/** `all`: what the template can draw. */
export function App({ page, all }: { page: PageData; all: readonly Section[] }) {
  const sections = useMemo(() => sectionsOf(page, all), [page]);
  const view = useMemo(() => new Store(firstView(page, sections)), [page]);
  const chosen = useStore(view, ({ section }) => section);
  useAddress(view, sections);
  const section = sections.find(({ id }) => id === chosen);
  return (
    <>
      <PageHead page={page} />
      {sections.length > 1 && <Tabs sections={sections} chosen={chosen} view={view} />}
      <main>
        <div id="section" {...(sections.length > 1 ? { role: 'tabpanel', 'aria-labelledby': `tab-${chosen}` } : {})}>
          {section !== undefined && (
            <Guard key={section.id} name={section.title}>
              <section.Body page={page} view={view} />
            </Guard>
          )}
        </div>
      </main>
    </>
  );
}

/** The address follows the section, and the section the address (the browser's way back). */
function useAddress(view: ViewStore, sections: readonly Section[]): void {
  useEffect(() => {
    const follow = (): void => {
      const asked = decodeURIComponent(location.hash.slice(1));
      if (sections.some(({ id }) => id === asked)) view.set({ section: asked });
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [view]);
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

function Tabs({ sections, chosen, view }: { sections: readonly Section[]; chosen: string; view: ViewStore }) {
  const choose = (id: string): void => {
    view.set({ section: id });
    location.hash = encodeURIComponent(id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next =
      sections[
        step(
          sections.findIndex(({ id }) => id === chosen),
          sections.length,
        )
      ];
    choose(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Sections of the report" onKeyDown={onKeyDown}>
      {sections.map(({ id, title }) => (
        <button
          key={id}
          id={`tab-${id}`}
          role="tab"
          type="button"
          aria-selected={id === chosen}
          aria-controls="section"
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => choose(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

/** A section that breaks says so; the others go on. */
class Guard extends Component<{ name: string; children: ComponentChildren }, { problem: string | null }> {
  override state: { problem: string | null } = { problem: null };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ problem: error instanceof Error ? error.message : String(error) });
  }

  override render() {
    const { name, children } = this.props;
    const { problem } = this.state;
    return problem === null ? <>{children}</> : <Problem text={`${name} cannot be shown, a bug: ${problem}`} />;
  }
}
