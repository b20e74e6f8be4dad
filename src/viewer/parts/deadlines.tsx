/** What must happen after the end of the run, and by when. */
import type { RunPage } from '../../report/page/page-data.ts';

export function Deadlines({ page: { deadlines, warnings } }: { page: RunPage }) {
  if (deadlines.length + warnings.length === 0) return null;
  return (
    <section class="deadlines" aria-label="Deadlines">
      {deadlines.map((text) => (
        <p key={text}>
          <b>deadline</b> {text}
        </p>
      ))}
      {warnings.map((text) => (
        <p key={text}>
          <b>watch out</b> {text}
        </p>
      ))}
    </section>
  );
}
