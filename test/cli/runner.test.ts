/** Which job runs when, what is not run, and what a thread that dies takes with it. */
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ThreadLane } from '../../src/cli/pool/lanes.ts';
import { Runner } from '../../src/cli/pool/runner.ts';
import type { Lane } from '../../src/cli/pool/work.ts';
import type { TestJob, TestOutcome } from '../../src/cli/testing/job.ts';
import { testWork } from '../../src/cli/testing/run-job.ts';

const job = (file: string): TestJob => ({ file, seed: null, variant: null, edits: [], overlay: null, cache: null });
const bug = (message: string): TestOutcome => ({ kind: 'bug', message, stack: null, replay: '' });

function keptLane(ran: string[], after: (file: string) => void = () => undefined): Lane<TestJob, TestOutcome> {
  return {
    run: (asked) => {
      ran.push(asked.file);
      after(asked.file);
      return Promise.resolve(bug(asked.file));
    },
    close: () => Promise.resolve(),
  };
}

describe('the runner', () => {
  it('takes jobs of the earliest scenario first, also those that came later', async () => {
    const ran: string[] = [];
    const runner = new Runner({ lanes: [keptLane(ran)], now: () => 0, deadlineMillis: 1 });
    const follow = async (name: string, order: number): Promise<void> => {
      await runner.run(job(name), order);
      await Promise.all([runner.run(job(`${name}1`), order), runner.run(job(`${name}2`), order)]);
    };
    await Promise.all([follow('b', 1), follow('a', 0)]);
    expect(ran).toEqual(['a', 'a1', 'a2', 'b', 'b1', 'b2']);
  });

  it('begins nothing after its time, and nothing once it is closed', async () => {
    const ran: string[] = [];
    let millis = 0;
    const lane = keptLane(ran, () => (millis += 10));
    const late = new Runner({ lanes: [lane], now: () => millis, deadlineMillis: 15 });
    const outcomes = await Promise.all(['a', 'b', 'c'].map((name, order) => late.run(job(name), order)));
    expect([ran, outcomes.map(({ kind }) => kind)]).toEqual([
      ['a', 'b'],
      ['bug', 'bug', 'not_run'],
    ]);
    const closed = new Runner({ lanes: [keptLane(ran)], now: () => 0, deadlineMillis: 1 });
    const waiting = closed.run(job('d'), 0);
    await closed.close();
    expect([(await waiting).kind, ran]).toEqual(['not_run', ['a', 'b']]);
  });
});

const THREAD = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ file }) => {
    if (file === 'exit') process.exit(7);
    if (file === 'throw') throw new Error('out of everything');
    if (file !== 'hang') parentPort.postMessage({ kind: 'bug', message: file, stack: null, replay: '' });
  });
`;

function threadLane(): ThreadLane<TestJob, TestOutcome> {
  const data = { work: 'test', folder: '/', memoryBytes: undefined } as const;
  return new ThreadLane(testWork, data, { start: () => new Worker(THREAD, { eval: true }) });
}

describe('a thread', () => {
  it('that dies takes only its job with it', async () => {
    const lane = threadLane();
    for (const name of ['a', 'b', 'c']) expect(await lane.run(job(name))).toMatchObject({ message: name });
    expect(await lane.run(job('exit'))).toMatchObject({
      kind: 'bug',
      message: expect.stringMatching(/worker thread died: it ended with code 7/),
      replay: 'npx reconverge run exit',
    });
    const variant = { id: 'none', edit: { 'faults.away': null } };
    expect(await lane.run({ ...job('exit'), seed: '4', variant, edits: ['--set', 'a=1'] })).toMatchObject({
      message: expect.stringMatching(/code 7 \(variant "none", seed 4\)/),
      replay: 'npx reconverge run exit --seed 4 --remove faults.away --set a=1',
    });
    expect(await lane.run(job('throw'))).toMatchObject({ message: expect.stringMatching(/died: out of everything/) });
    expect(await lane.run(job('b'))).toMatchObject({ message: 'b' });
    await lane.close();
  });

  it('that is given up is answered as not run', async () => {
    const lane = threadLane();
    const hanging = lane.run(job('hang'));
    await lane.close();
    expect(await hanging).toEqual({ kind: 'not_run' });
  });
});
