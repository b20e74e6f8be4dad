/** What the lines say is what is there: our own readers read the cluster back, figures are those of the world, and what cannot
 * be asked is refused with its place. */
import { beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { readRing } from '../../src/dialect/cassandra/nodetool/nodetool-ring.ts';
import { readStatus } from '../../src/dialect/cassandra/nodetool/nodetool-status.ts';
import { MistakeError, operatorView, run } from '../../src/index.ts';
import { askMoment } from '../../src/operator/ask.ts';
import { momentOf } from '../../src/operator/moment.ts';
import type { Moment } from '../../src/operator/moment.ts';
import { fakeTerminal } from '../cli/fake-terminal.ts';
import { smallStory } from './small-story.ts';

const SECOND = 1e6;

function lines(moment: Moment, command: string, node = 0): string[] {
  const answer = askMoment(moment, { node, words: [command], sinceMicros: 0 });
  if (!Array.isArray(answer)) throw new Error(answer.message);
  return answer;
}

describe('a moment', () => {
  const plan = smallStory('4.1');
  let away: Moment;
  let end: Moment;
  beforeAll(() => {
    away = momentOf(plan, 75 * SECOND);
    end = momentOf(plan, 360 * SECOND);
  }, 120_000);

  it('is read back by our own importers as the cluster that it is', () => {
    const ring = readRing({ path: 'ring.txt', text: lines(away, 'nodetool ring').join('\n') });
    expect(ring.mistakes).toEqual([]);
    const tokens = plan.nodes.flatMap((node, index) =>
      node.tokens.map((token) => [BigInt(token), `127.0.0.${index + 1}`, node.rack, index !== 2] as const),
    );
    tokens.sort(([left], [right]) => (left < right ? -1 : 1));
    expect(ring.tokens.map(({ token, address, rack, up }) => [token, address, rack, up])).toEqual(tokens);
    const status = readStatus({ path: 'status.txt', text: lines(away, 'nodetool status').join('\n') });
    expect(status.mistakes).toEqual([]);
    expect(status.nodes.map(({ dc, rack, up, tokenCount }) => [dc, rack, up, tokenCount])).toEqual([
      ['dc1', 'r1', true, 2],
      ['dc1', 'r2', true, 2],
      ['dc1', 'r3', false, 2],
    ]);
  });

  it('says percent repaired as the SSTables have it', () => {
    for (let node = 0; node < 3; node += 1) {
      const { runs } = end.world.storage.of(node, 0);
      const all = runs.reduce((sum, { bytes }) => sum + bytes, 0);
      const repaired = runs.reduce((sum, { bytes, repairedAt }) => sum + (repairedAt > 0 ? bytes : 0), 0);
      const said = lines(end, 'nodetool tablestats ks.t', node).find((line) => line.includes('Percent repaired'));
      expect(Number(said?.split(': ')[1])).toBeCloseTo((100 * repaired) / all, 1);
      expect(repaired).toBeGreaterThan(0);
    }
  });

  it('says of a stream how much has passed', () => {
    const began = end.journal.lines.find(({ text }) => text.includes('Performing streaming repair'));
    const moment = momentOf(plan, (began?.micros ?? 0) + SECOND);
    const [sync] = [...moment.world.repairs.state.syncs.values()];
    const sent = sync.directions.map(({ streamJob, hasEnded, bytes }) =>
      hasEnded ? bytes : moment.world.devices.devices.doneBytes(streamJob),
    );
    const said = lines(moment, 'nodetool netstats', sync.first).join('\n');
    expect(Math.max(...sent)).toBeGreaterThan(0);
    sync.directions.forEach(({ bytes, files }, index) => {
      if (files === 0) return;
      const [doing, was] = index === 0 ? ['Sending', 'sent'] : ['Receiving', 'received'];
      const of = `${doing} ${files} files, ${bytes} bytes total. Already ${was} `;
      expect(said).toMatch(new RegExp(`${of}\\d+ files \\([\\d.]+%\\), ${sent[index]} bytes total`));
    });
  });

  it('is silent on a node that does not run', () => {
    expect(lines(away, 'nodetool status', 2)).toEqual([
      "nodetool: Failed to connect to '127.0.0.3:7199' - ConnectException: 'Connection refused (Connection refused)'.",
    ]);
  });

  it('has the world of a plain run: looking on changes nothing', () => {
    expect(end.world.trace.fingerprint()).toBe(run(plan).result.fingerprint);
  });

  it('finds the end of a repair', () => {
    const view = operatorView(plan, { at: 'repairs.inc.end', command: 'repair inc' });
    expect(view.lines.some((line) => line.includes('Repair completed successfully'))).toBe(true);
    expect(view.atMicros).toBe(run(plan).result.repairs['repairs.inc'].finished_micros);
  });

  it('has the truth beside the page', () => {
    const { lines: page } = operatorView(plan, { at: '75s', node: 'n2' });
    const divergent = page.find((line) => line.startsWith('divergent copies'));
    expect(divergent).toMatch(/; n3 \d+/);
    expect(page.join('\n')).toContain('node down');
    expect(
      page
        .filter((line) => !line.includes('127.0.0') && !line.startsWith('Host ID') && !line.startsWith('--'))
        .every((line) => line.length <= 80),
    ).toBe(true);
  });
});

describe('what cannot be asked', () => {
  const plan = smallStory('3.11');

  it.each([
    [{ at: '75s', node: 'n9' }, 'O102'],
    [{ at: '10m' }, 'O101'],
    [{ at: 'repairs.ink.start' }, 'O101'],
    [{ at: '1s', command: 'nodetool statsu' }, 'O103'],
    [{ at: '1s', command: 'nodetool listpendinghints' }, 'O103'],
    [{ at: '1s', command: 'nodetool tablestats ks.u' }, 'O103'],
  ])('%j is %s', (question, code) => {
    const mistakes = ((): readonly { code: string }[] => {
      try {
        operatorView(plan, question);
        return [];
      } catch (error) {
        return error instanceof MistakeError ? error.mistakes : [];
      }
    })();
    expect(mistakes.map((mistake) => mistake.code)).toEqual([code]);
  });

  it('has its place and the nearest word on the command line', async () => {
    const terminal = fakeTerminal({ folder: process.cwd() });
    const scenario = 'scenarios/cassandra/repaired-and-wrong.yaml';
    expect(await program(['operator', scenario, '--at', '1s', 'nodetool', 'statsu'], terminal)).toBe(3);
    expect(terminal.errText()).toContain('O103  unknown command statsu');
    expect(terminal.errText()).toContain('did you mean  status');
  });
});
