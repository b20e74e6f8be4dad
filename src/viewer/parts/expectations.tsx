/** What the scenario expects, and what came of it. */
import type { RunPage } from '../../report/page/page-data.ts';

const SIGNS = { held: '✓', violated: '✗', undecided: '?' } as const;

export function Expectations({ page: { result } }: { page: RunPage }) {
  const all = Object.entries(result.expectations);
  if (all.length === 0) return null;
  return (
    <section class="card" aria-labelledby="expectations-title">
      <h2 id="expectations-title">Expectations</h2>
      <div class="scroll">
        <table>
          <caption class="unseen">Expectations and their verdicts</caption>
          <thead>
            <tr>
              <th scope="col">expectation</th>
              <th scope="col">verdict</th>
              <th scope="col">what was expected</th>
              <th scope="col">what was measured</th>
            </tr>
          </thead>
          <tbody>
            {all.map(([id, { verdict, expected, detail }]) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                <td>
                  <span class={`verdict ${verdict}`}>
                    {SIGNS[verdict]} {verdict}
                  </span>
                </td>
                <td>{expected}</td>
                <td>{detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
