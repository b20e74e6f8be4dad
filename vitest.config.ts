import { readFileSync, readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A file that puts something of its own in the place of a module, or of what all files of a process share, runs in a process apart. */
const REPLACES =
  /\bvi[.](?:mock|doMock|hoisted|spyOn|stubGlobal|stubEnv|useFakeTimers)\b|\bprocess[.](?:chdir|memoryUsage|exitCode)\b/;
const APART = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts') && REPLACES.test(readFileSync(`test/${name}`, 'utf8')))
  .map((name) => `test/${name}`);

/** Begin first, or the rest ends long before them. */
const LONG = ['test/scenarios/', 'test/cli/sweep', 'test/viewer/', 'test/docs/commands', 'test/project/'];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex((part) => moduleId.includes(part));
      return place < 0 ? LONG.length : place;
    };
    return sorted.sort((left, right) => rank(left) - rank(right));
  }
}

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    // Simulations are all processor: more workers than cores only make each test slower.
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongFirst },
    projects: [
      // What one file has loaded and compiled serves the next: a third of the time of all.
      { extends: true, test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: APART, isolate: false } },
      { extends: true, test: { name: 'apart', include: APART, isolate: true } },
    ],
  },
});
