import { describe, expect, it } from 'vitest';
import { scenarioFiles } from '../../src/cli/discover.ts';
import { judge } from '../../src/cli/judge.ts';
import { fakeTerminal } from '../cli/fake-terminal.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const terminal = fakeTerminal({ folder: ROOT });

describe('every scenario', () => {
  it.each(scenarioFiles(terminal, ['scenarios']))(
    '%s holds, and each of its expectations can be broken',
    (file) => {
      const { status, complaints, mistakes, bug, expectations } = judge(file, terminal, { prove: true, quiet: true });
      expect({ status, complaints, mistakes, bug }).toEqual({
        status: 'held',
        complaints: [],
        mistakes: [],
        bug: null,
      });
      expect(expectations).toBeGreaterThan(0);
    },
    600_000,
  );
});
