/** A test: every scenario with its verdict, what did not hold and how to see it again; a filter for those that are not green. */
import { useState } from 'preact/hooks';
import type { TestedScenario, TestPage } from '../../report/page/page-data.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import type { Section } from '../section.ts';

export const testSection: Section = {
  id: 'scenarios',
  title: 'Scenarios',
  kinds: ['test'],
  rank: 0,
  Body: ({ page }) => (page.kind === 'test' ? <Tested page={page} /> : null),
};

const LOOKS: Readonly<Record<string, string>> = { held: 'held', undecided: 'undecided' };

function Tested({ page }: { page: TestPage }) {
  const [wanted, setWanted] = useState('');
  const [isOpenOnly, setIsOpenOnly] = useState(false);
  const shown = page.scenarios.filter(
    ({ file, name, status }) =>
      (!isOpenOnly || status !== 'held') && `${file} ${name}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <div class="stack">
      <div class="card">
        <div class="chart-tools">
          <label>
            filter <input type="search" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
          </label>
          <label>
            <input
              type="checkbox"
              checked={isOpenOnly}
              onChange={(event) => setIsOpenOnly(event.currentTarget.checked)}
            />{' '}
            only those that did not hold
          </label>
          <span class="note">{`${shown.length} of ${page.scenarios.length}`}</span>
        </div>
        <div class="scroll">
          <table>
            <caption class="unseen">Scenarios and their verdicts</caption>
            <thead>
              <tr>
                <th scope="col">scenario</th>
                <th scope="col">verdict</th>
                <th scope="col" class="number">
                  held
                </th>
                <th scope="col" class="number">
                  variants
                </th>
                <th scope="col" class="number">
                  seconds
                </th>
                <th scope="col">fingerprint</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((scenario) => (
                <Row key={scenario.file} scenario={scenario} />
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </div>
  );
}

function Row({ scenario }: { scenario: TestedScenario }) {
  const { file, name, status, held, expectations, variants, seconds, fingerprint, notes, complaints } = scenario;
  return (
    <tr>
      <th scope="row">
        {name === '' ? file : name}
        <span class="meaning">{file}</span>
        {notes.map((note) => (
          <span key={note} class="meaning">
            {note}
          </span>
        ))}
        {complaints.map(({ expectation, said, replay }) => (
          <div key={expectation + said} class="complaint">
            <b>{expectation}</b> {said}
            {replay !== '' && (
              <p class="replay">
                <code>{replay}</code>
                <CopyButton text={replay} label="Copy" />
              </p>
            )}
          </div>
        ))}
      </th>
      <td>
        <span class={`verdict ${LOOKS[status] ?? 'violated'}`}>{status}</span>
      </td>
      <td class="number">{`${held} of ${expectations}`}</td>
      <td class="number">{variants}</td>
      <td class="number">{seconds.toFixed(1)}</td>
      <td>
        <code>{fingerprint ?? '–'}</code>
      </td>
    </tr>
  );
}
