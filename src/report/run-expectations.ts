/**
 * The verdicts: every expectation with its mark on as few lines as possible, then each that is broken or undecided with
 * what was expected, what was measured and where it stands in the scenario.
 */
import type { ExpectationVerdict, Result } from '../observe/result.ts';
import { span } from './lines.ts';
import type { Line, Style } from './lines.ts';
import { flow } from './table.ts';
import { escapeControls, wrap } from './width.ts';

interface Mark {
  sign: string;
  style: Style;
}

export const MARKS: Readonly<Record<ExpectationVerdict['verdict'], Mark>> = {
  held: { sign: '✓', style: 'green' },
  violated: { sign: '✗', style: 'red' },
  undecided: { sign: '?', style: 'yellow' },
};

export function expectationLines(result: Result, options: { columns: number; file: string }): Line[] {
  const all = Object.entries(result.expectations);
  if (all.length === 0) return [];
  const held = all.filter(([, { verdict }]) => verdict === 'held').length;
  const items = all.map(([id, { verdict }]) =>
    span(`${MARKS[verdict].sign} ${escapeControls(id)}`, MARKS[verdict].style),
  );
  if (held < all.length) items.push(span(`(${held} of ${all.length} held)`, 'plain'));
  const broken = all.filter(([, { verdict }]) => verdict !== 'held');
  return [...flow(items, options.columns), ...broken.flatMap(([id, one]) => brokenLines(id, one, options))];
}

/** Indented below its id: the expectation, what was found, its place. */
function brokenLines(
  id: string,
  one: ExpectationVerdict,
  { columns, file }: { columns: number; file: string },
): Line[] {
  const { sign, style } = MARKS[one.verdict];
  const place = one.line > 0 ? [`${one.file ?? file}:${one.line}:${one.column}`] : [];
  const texts = [one.expected, one.detail, ...place].flatMap((text) => wrap(escapeControls(text), columns - 5));
  return [[span(` ${sign} ${escapeControls(id)}`, style)], ...texts.map((text): Line => [`     ${text}`])];
}
