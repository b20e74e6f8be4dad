/** What was assumed, what is not modelled, and which rules the run exercised: beside the answer, not behind it. */
import { settingsTogether } from '../../report/settings-together.ts';
import type { RunPage } from '../../report/page/page-data.ts';

export function Caveats({ page: { result } }: { page: RunPage }) {
  return (
    <section class="card caveats" aria-label="Assumptions and limits">
      <Listed title="Assumed" texts={result.assumptions} isOpen />
      <Listed title="Not modelled" texts={settingsTogether(result.not_modelled)} />
      <details>
        <summary>{`Rules exercised (${result.rules_exercised.length})`}</summary>
        <p class="rules">{result.rules_exercised.join(' · ')}</p>
      </details>
    </section>
  );
}

function Listed({ title, texts, isOpen = false }: { title: string; texts: readonly string[]; isOpen?: boolean }) {
  if (texts.length === 0) return null;
  return (
    <details open={isOpen}>
      <summary>{`${title} (${texts.length})`}</summary>
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </details>
  );
}
