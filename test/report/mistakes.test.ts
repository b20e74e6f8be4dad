import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mistake } from '../../src/base/mistake.ts';
import { renderMistakes } from '../../src/report/mistakes.ts';
import { displayWidth } from '../../src/report/width.ts';

const SOURCE = `${'\n'.repeat(37)}  n17-psu: { fault: crash, node: n17, kind: power-loss, at: 14m7s, for: 4h36m53s, and: more than fits }\n`;

function mistake(changes: Partial<Mistake> = {}): Mistake {
  return {
    code: 'S114',
    severity: 'mistake',
    file: 'last-night.yaml',
    line: 38,
    column: 39,
    length: 4,
    path: 'faults.n17-psu.kind',
    message: 'unknown key "kind" in a fault of type crash',
    ...changes,
  };
}

const OPTIONS = { columns: 80, color: false };

describe('mistakes', () => {
  it('read as the design draws them', () => {
    const text = renderMistakes(
      [
        mistake({
          code: 'D207',
          line: 52,
          column: 71,
          message: '4.1.7 refuses these options together',
          notes: ['nodetool says  You need to run primary range repair on all nodes in the cluster.'],
        }),
        mistake({ expected: 'mode: process | power-loss | disk-lost', suggestion: 'mode: power-loss' }),
      ],
      new Map([['last-night.yaml', SOURCE]]),
      OPTIONS,
    );
    expect(text).toBe(`last-night.yaml:38:39  S114  unknown key "kind" in a fault of type crash
  38 |   n17-psu: { fault: crash, node: n17, kind: power-loss, at: 14m7s, for: …
     |                                       ^^^^
     expected  mode: process | power-loss | disk-lost
     did you mean  mode: power-loss
last-night.yaml:52:71  D207  4.1.7 refuses these options together
     nodetool says You need to run primary range repair on all nodes in the
     cluster.
2 mistakes in 1 file; nothing was run
`);
  });

  it('lose no word of a long message', () => {
    const message = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
    const text = renderMistakes([mistake({ message })], new Map(), OPTIONS);
    for (let index = 0; index < 30; index++) expect(text).toContain(`word${index}`);
    expect(text).not.toContain('…');
  });

  it('count warnings apart, and need no place', () => {
    const text = renderMistakes(
      [mistake({ severity: 'warning', line: 0, column: 0, file: '--set', message: 'RF 1' })],
      new Map(),
      OPTIONS,
    );
    expect(text).toBe('--set  S114  warning: RF 1\n1 warning\n');
  });

  it('show at most a hundred and count the rest', () => {
    const many = Array.from({ length: 130 }, (_, index) => mistake({ line: index + 1 }));
    const text = renderMistakes(many, new Map(), OPTIONS);
    expect(text.split('\n').filter((line) => line.includes('S114'))).toHaveLength(100);
    expect(text).toContain('and 30 more\n130 mistakes in 1 file');
  });

  it('keep the carets under what they mean, within the columns', () => {
    const texts = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
      .map((text) => text.replaceAll(/[\n\r]/g, ' '));
    fc.assert(
      fc.property(
        texts,
        fc.nat(200),
        fc.nat(30),
        fc.integer({ min: 60, max: 140 }),
        (line, column, length, columns) => {
          const one = mistake({ line: 1, column: column + 1, length, message: line, suggestion: line });
          const text = renderMistakes([one], new Map([[one.file, line]]), { columns, color: false });
          for (const shown of text.split('\n')) expect(displayWidth(shown)).toBeLessThanOrEqual(columns);
        },
      ),
    );
    const far = 'x'.repeat(500) + 'kind' + 'y'.repeat(500);
    const text = renderMistakes(
      [mistake({ line: 1, column: 501 })],
      new Map([['last-night.yaml', far]]),
      OPTIONS,
    ).split('\n');
    const caret = text[2]?.indexOf('^^^^') ?? -1;
    expect(text[1]?.slice(caret, caret + 4)).toBe('kind');
    expect(text[1]).toContain('…x');
  });
});
