/** What the library says to those who hand it something else. */
import { describe, expect, it } from 'vitest';
import { MistakeError, load, run } from '../../src/index.ts';
import type { Plan } from '../../src/index.ts';

function refused(given: unknown) {
  try {
    run(given as Plan);
  } catch (error) {
    if (error instanceof MistakeError) return error.mistakes[0];
    throw error;
  }
  throw new Error('it was run');
}

describe('run', () => {
  it('says what it takes, and never throws anything but a mistake', () => {
    for (const given of [{}, [], null, undefined, 7, { format: 1 }, 'format: 1'])
      expect(refused(given)).toMatchObject({
        code: 'P102',
        expected: expect.stringMatching(/^what load\(text\) gives/),
      });
    expect(refused({ format: 1, name: 'x' })?.found).toMatch(/^a map without version, story, /);
    expect(refused('format: 1')?.suggestion).toBe('run(load(text))');
  });

  it('takes what load gives, and the same through JSON', () => {
    const plan = load(
      'format: 1\ndatabase: cassandra@4.1\nduration: 1s\ncluster: { nodes: 1 }\n' +
        'data: { replication: 1, tables: { a.b: { partitions: 1 } } }\n',
    );
    const { fingerprint } = run(plan).result;
    expect(run(JSON.parse(JSON.stringify(plan)) as Plan).result.fingerprint).toBe(fingerprint);
  });
});
