/**
 * Mistakes and warnings as text: all of them in the order of their places, each with the line it stands on and what to
 * write instead, totals last. Lines of the source are untrusted: they are escaped, and cut so that the place is seen.
 */
import type { Mistake } from '../base/mistake.ts';
import { plural } from '../base/human.ts';
import { COLUMNS_MIN, renderLines, span } from './lines.ts';
import type { Line, Style, TextOptions } from './lines.ts';
import { clip, displayWidth, escapeControls, padStart, takeColumns, wrap } from './width.ts';

/** More are counted, not shown. */
const SHOWN_MAX = 100;
const GUTTER_LEAST = 4;
/** The one mistake that may be met after a run. */
const RESULTS_NOT_WRITTEN: readonly string[] = ['C106', 'C153'];

export interface MistakeTextOptions extends TextOptions {
  /** What came of them; default: nothing was run. */
  ending?: string;
}

export function renderMistakes(
  mistakes: readonly Mistake[],
  sources: ReadonlyMap<string, string>,
  options: MistakeTextOptions,
): string {
  const columns = Math.max(options.columns, COLUMNS_MIN);
  const ordered = [...mistakes].sort(byPlace);
  const shown = ordered.slice(0, SHOWN_MAX);
  const lines = shown.flatMap((mistake) => mistakeLines(mistake, sources.get(mistake.file), columns));
  if (ordered.length > shown.length) lines.push([span(`and ${ordered.length - shown.length} more`, 'dim')]);
  return renderLines([...lines, totals(mistakes, sources, options)], { ...options, columns });
}

function byPlace(left: Mistake, right: Mistake): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}

function mistakeLines(mistake: Mistake, source: string | undefined, columns: number): Line[] {
  const style: Style = mistake.severity === 'mistake' ? 'red' : 'yellow';
  const place = mistake.line > 0 ? `${mistake.file}:${mistake.line}:${mistake.column}` : mistake.file;
  const gutter = Math.max(GUTTER_LEAST, String(mistake.line).length + 2);
  return [
    ...headLines(escapeControls(place), mistake, style, columns),
    ...excerpt(mistake, source, { gutter, style, columns }),
    ...noteLines(mistake, gutter + 1, columns),
  ];
}

/** `file:line:column  CODE  message`, the message wrapped below its beginning. */
function headLines(place: string, mistake: Mistake, style: Style, columns: number): Line[] {
  const warning = mistake.severity === 'warning' ? 'warning: ' : '';
  const message = escapeControls(warning + mistake.message);
  const first = `${place}  ${mistake.code}  `;
  if (displayWidth(first) + displayWidth(message) <= columns) {
    return [[span(place, 'bold'), '  ', span(mistake.code, style), '  ', message]];
  }
  const hang = mistake.code.length + 4;
  const places = wrap(place, columns).map((text): Line => [span(text, 'bold')]);
  const texts = wrap(message, columns - hang).map((text, index): Line =>
    index === 0 ? ['  ', span(mistake.code, style), '  ', text] : [' '.repeat(hang), text],
  );
  return [...places, ...texts];
}

/** The line of the source with the place underlined. */
function excerpt(
  mistake: Mistake,
  source: string | undefined,
  { gutter, style, columns }: { gutter: number; style: Style; columns: number },
): Line[] {
  if (source === undefined || mistake.line < 1) return [];
  const text = source.split(/\r\n|\n|\r/, mistake.line)[mistake.line - 1];
  if (text === undefined || text.trim() === '') return [];
  const before = shown(text.slice(0, Math.max(0, mistake.column - 1)));
  const marked = shown(
    text.slice(Math.max(0, mistake.column - 1), Math.max(0, mistake.column - 1) + Math.max(1, mistake.length)),
  );
  const after = shown(text.slice(Math.max(0, mistake.column - 1) + Math.max(1, mistake.length)));
  const room = columns - gutter - 3;
  const cut = cutBefore(before, Math.min(displayWidth(marked), Math.floor(room / 2)), room);
  const carets = '^'.repeat(Math.max(1, Math.min(displayWidth(marked), room - displayWidth(cut))));
  return [
    [span(`${padStart(String(mistake.line), gutter)} | `, 'dim'), clip(cut + marked + after, room)],
    [span(`${' '.repeat(gutter)} | `, 'dim'), ' '.repeat(displayWidth(cut)), span(carets, style)],
  ];
}

/** Tabs as one space each, so that what stands above the carets has the width that is counted. */
function shown(text: string): string {
  return escapeControls(text.replaceAll('\t', ' '));
}

/** The text before the place, its beginning cut off where the place would not be seen. */
function cutBefore(before: string, marked: number, room: number): string {
  const most = room - marked - 1;
  if (displayWidth(before) <= most) return before;
  const characters = [...before];
  let rest = characters.join('');
  for (let dropped = 1; displayWidth(rest) > most - 1 && dropped <= characters.length; dropped++)
    rest = characters.slice(dropped).join('');
  return `…${takeColumns(rest, most)}`;
}

function noteLines(mistake: Mistake, indent: number, columns: number): Line[] {
  const notes: [label: string, text: string][] = [];
  if (mistake.expected !== undefined) notes.push(['expected', mistake.expected]);
  if (mistake.found !== undefined && !mistake.message.includes(mistake.found)) notes.push(['found', mistake.found]);
  if (mistake.suggestion !== undefined) notes.push(['did you mean', mistake.suggestion]);
  const labelled = notes.flatMap(([label, text]) => hanging(label, text, indent, columns));
  return [...labelled, ...(mistake.notes ?? []).flatMap((text) => hanging('', text, indent, columns))];
}

/** `     expected  …`, wrapped under the text. */
function hanging(label: string, text: string, indent: number, columns: number): Line[] {
  const start = label === '' ? indent : indent + label.length + 2;
  const lines = text.split('\n').flatMap((line) => wrap(escapeControls(line), columns - start));
  return lines.map((line, index): Line => {
    const head = index === 0 && label !== '' ? `${' '.repeat(indent)}${label}  ` : ' '.repeat(start);
    return [span(head, 'dim'), line];
  });
}

/** `2 mistakes in 1 file; nothing was run`; what stands in no file was typed, or met when the results were written. */
function totals(
  all: readonly Mistake[],
  sources: ReadonlyMap<string, string>,
  { ending = 'nothing was run' }: MistakeTextOptions,
): Line {
  const mistakes = all.filter(({ severity }) => severity === 'mistake').length;
  const warnings = all.length - mistakes;
  const inFiles = all.filter(({ file, line }) => line > 0 || sources.has(file));
  const files = new Set(inFiles.map(({ file }) => file)).size;
  const parts: string[] = [];
  if (mistakes > 0) parts.push(plural(mistakes, 'mistake'));
  if (warnings > 0) parts.push(plural(warnings, 'warning'));
  const counted =
    parts.length === 0 ? 'no mistake' : parts.join(' and ') + (files === 0 ? '' : ` in ${plural(files, 'file')}`);
  const wasRun = mistakes === 0 || all.some(({ code }) => RESULTS_NOT_WRITTEN.includes(code));
  return [span(counted + (wasRun ? '' : `; ${ending}`), mistakes > 0 ? 'bold' : 'plain')];
}
