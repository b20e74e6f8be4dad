/** Two worlds side by side: an edit of no effect is said to have none, any other is dated to its first record. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { load, run } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';
import { renderWhatIf } from '../../src/report/what-if.ts';
import type { EditKind } from '../../src/scenario/load.ts';
import { BlockHashes } from '../../src/studies/first-difference.ts';
import { renumberings, whatIf } from '../../src/studies/what-if.ts';
import type { WhatIf } from '../../src/studies/what-if.ts';

const TEXT = readFileSync(new URL('../cli/fixtures/away.yaml', import.meta.url), 'utf8');

function studyOf(...edits: [EditKind, string][]): WhatIf {
  const plans = { base: load(TEXT), edited: load({ text: TEXT, edits }) };
  const by = renumberings(plans.base, plans.edited);
  const world = (plan: Plan, renumbering: Int32Array | null) => {
    const hashes = new BlockHashes(renumbering);
    return { plan, hashes, output: run(plan, { observers: [hashes] }), replay: 'replay' };
  };
  return whatIf(world(plans.base, by.base), world(plans.edited, by.edited));
}

describe('a share that has no end in figures', () => {
  it('has no minus before its sign, which would read as an arrow', () => {
    const study = studyOf(['set', 'faults.away.for=30s']);
    const hours = { base: 5e6, edited: 1 };
    const text = renderWhatIf(
      { ...study, totals: { ...study.totals, divergent_row_hours: hours } },
      { columns: 80, color: false },
    );
    expect(text).toMatch(/divergent 5 M → 1 \(by > 99.9 %\)/);
  });
});

describe('an edit of no effect', () => {
  it.each<[EditKind, string]>([
    ['set', 'faults.away.for=120s'],
    ['set', 'cluster.settings.max_hint_window=4h'],
    ['set', 'observe.every=5s'],
    ['remove', 'expect.healed'],
  ])('%s %s: the same fingerprint, and it is said', (kind, text) => {
    const study = studyOf([kind, text]);
    expect(study.same_history).toBe(true);
    expect(study.parts).toBeNull();
    expect(study.fingerprint.edited).toBe(study.fingerprint.base);
    expect(renderWhatIf(study, { columns: 80, color: false })).toMatch(/^no effect: /m);
  });

  it('also where it gives the entries of the plan other numbers', () => {
    // The added fault is nobody's: it stands before the repair, whose records carry the number of their entry.
    const repair: [EditKind, string] = [
      'add',
      'repairs.all={ repair: nodetool, node: n1, run: "nodetool repair -full shop", at: 4m }',
    ];
    const with1 = load({ text: TEXT, edits: [repair] });
    const fault: [EditKind, string] = ['add', 'faults.aaa={ fault: stop, node: n1, at: 330s, for: 1s }'];
    const with2 = load({ text: TEXT, edits: [repair, fault] });
    const by = renumberings(with1, with2);
    expect(with2.entries.map(({ id }) => id)).not.toEqual(with1.entries.map(({ id }) => id));
    const hashes = [new BlockHashes(by.base), new BlockHashes(by.edited)];
    const outputs = [run(with1, { observers: [hashes[0]] }), run(with2, { observers: [hashes[1]] })];
    const study = whatIf(
      { plan: with1, output: outputs[0], hashes: hashes[0], replay: '' },
      { plan: with2, output: outputs[1], hashes: hashes[1], replay: '' },
    );
    expect(study.parts?.at_micros).toBeGreaterThanOrEqual(330e6);
    expect(study.repairs['repairs.all'].outcome).toEqual({ base: 'finished', edited: 'finished' });
  });
});

describe('an edit that has one', () => {
  const study = studyOf(['set', 'cluster.settings.max_hint_window=10s']);

  it('is dated to its first record: not before the window ends', () => {
    expect(study.parts?.at_micros).toBeGreaterThan(70e6);
    expect(study.parts?.at_micros).toBeLessThan(120e6);
    expect(study.parts?.base).toMatch(/missed on n3: node down, hint pending, from faults.away/);
    expect(study.parts?.edited).toMatch(/missed on n3: hint window passed, latent, from faults.away/);
  });

  it('moves copies from one cause to another; each column is a ledger', () => {
    const causes = Object.values(study.causes);
    for (const side of ['base', 'edited'] as const)
      for (const { born, healed, left } of causes) expect(born[side]).toBe(healed[side] + left[side]);
    expect(study.causes.hint_window_passed?.born.base).toBe(0);
    expect(study.causes.hint_window_passed?.born.edited).toBeGreaterThan(100);
    expect(study.hints['enqueued'].edited).toBeLessThan(study.hints['enqueued'].base);
  });

  it('reads so', () => {
    expect(renderWhatIf(study, { columns: 80, color: false })).toMatchInlineSnapshot(`
      "What if: One node is away for two minutes                        cassandra 4.1.7
      edited  cluster.settings.max_hint_window added: 10s
      identical until 1m 12s, for 7 177 records
        before   1m 12s  missed on n3: node down, hint pending, from faults.away
        what if  1m 12s  missed on n3: hint window passed, latent, from faults.away

       cause                      born       healed  left
       hint window passed    0 → 2 155    0 → 2 155     0
       node down           2 298 → 143  2 298 → 143     0
       lost before fsync             1            1     0
       in flight                15 702       15 702     0
       total                    18 001       18 001     0

       latent              0 copies at the end
       wrong for clients   0 copies at the end
       lost for good       0 acknowledged writes at the end
       most at once        102 copies that differ
       row-hours           divergent 3.34 → 3.35 (+0.28 %) · wrong 3.34 → 3.35
                           (+0.28 %)
       converged           3m 20s → 3m 30s
       hints               enqueued 2 411 → 202 · delivered 2 411 → 202 · bytes 921 kB
                           → 77.2 kB

       no verdict changes (2 expectations)

       before  replay
       what if replay
       fingerprint 6d548df4fb9139ad → 790fa011417c1f19
      "
    `);
  });

  it('names verdicts that change', () => {
    const open = studyOf(['set', 'faults.away.for=1h']);
    expect(open.expectations['healed']).toEqual({ base: 'held', edited: 'violated' });
    expect(open.converged_micros.edited).toBeNull();
    expect(renderWhatIf(open, { columns: 80, color: false })).toContain('✗ healed  held → violated');
  });
});
