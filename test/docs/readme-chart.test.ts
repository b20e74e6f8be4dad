/** The chart in the README is of the present code, as far as that can be told without the minute that its run takes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plural } from '../../src/base/human.ts';
import { load } from '../../src/index.ts';
import { databaseText } from '../../src/report/run.ts';
import { settingsTogether } from '../../src/report/settings-together.ts';
import { ROOT, codeBlocks, readPage } from './doc-text.ts';

const SCENARIO = 'scenarios/cassandra/node-away-longer-than-the-hint-window.yaml';
const marked = readPage('README.md').split('<!-- chart: start -->')[1].split('<!-- chart: end -->')[0];
const chart = codeBlocks(marked)[0].text.trimEnd().split('\n');
const plan = load({ text: readPage(SCENARIO), file: SCENARIO });

describe('the chart in the README', () => {
  it('has the title of its scenario, and counts what is assumed and not modelled as the code does', () => {
    expect(chart[0]).toMatch(/^\S.*\S {2,}\S/);
    expect(chart[0]).toContain(plan.name);
    expect(chart[0]).toContain(databaseText(plan, plan));
    expect(chart[1]).toContain(`${plural(plan.nodes.length, 'node')} · `);
    expect(chart[1]).toContain(` · seed ${plan.seed} · `);
    const things = plural(settingsTogether(plan.not_modelled).length, 'thing');
    expect(chart.at(-1)).toBe(` ${plural(plan.assumptions.length, 'assumption')}, ${things} not modelled: --details`);
    const said = chart.join('\n');
    for (const id of Object.keys(plan.expect)) expect(said).toContain(`✓ ${id}`);
  });

  it('is that of reports/sample, whose text and document are of one run', () => {
    const sample = readPage('reports/sample/report.txt');
    const lines = sample.split('\n').slice(0, chart.length - 1);
    expect(chart.slice(0, -1), 'README.md and reports/sample/report.txt show another run').toEqual(lines);
    const document = readFileSync(join(ROOT, 'reports/sample/result.json'), 'utf8');
    const { fingerprint } = JSON.parse(document) as { fingerprint: string };
    expect(sample).toContain(`fingerprint ${fingerprint}\n`);
  });
});
