/**
 * What the two texts of `explain` share: events with their times and rules, what becomes of copies, repairs ahead. Pure
 * functions of the documents.
 */
import { formatSummand, plural } from '../base/human.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { Aftermath, Explained, NextRepair, StoryEvent } from '../studies/explain/explanation.ts';
import { causeLabel } from './chart-groups.ts';
import { justify, lineWidth, span } from './lines.ts';
import type { Line, Style } from './lines.ts';
import { displayWidth, escapeControls, padEnd, wrap } from './width.ts';

const INDENT = 3;
const LABEL_COLUMNS = 12;
/** A moment to the second. */
export function secondText(clock: VirtualClock, micros: number): string {
  return clock.moment(Math.floor(micros / 1e6) * 1e6);
}

/** The same for a list of them: every one with its seconds. */
function evenText(clock: VirtualClock, micros: number): string {
  const text = secondText(clock, micros);
  return clock.epochMicros !== null && !/:\d\d:\d\d$/.test(text) ? `${text}:00` : text;
}

/** Far moments with their day; without a clock from the start of the run. */
export function farText(clock: VirtualClock, micros: number): string {
  return clock.epochMicros === null ? `${secondText(clock, micros)} after the start` : clock.deadline(micros);
}

/** `cassandra.e4` as `e4`. */
export function rulesText(rules: readonly string[]): string {
  return rules.map((id) => id.replace(/^[a-z]+\./, '')).join(' ');
}

/** `   00:30:00  n6 without power                      e4`, all times in one column. */
export function eventLines(events: readonly StoryEvent[], clock: VirtualClock, columns: number): Line[] {
  const times = events.map(({ at_micros: at }) => evenText(clock, at));
  const width = Math.max(0, ...times.map(displayWidth));
  return events.flatMap(({ text, rules }, index) => {
    const room = Math.max(20, columns - INDENT - width - 2);
    const note = rulesText(rules);
    const noted = note === '' ? room : Math.max(20, room - displayWidth(note) - 2);
    return wrap(escapeControls(text), noted).map((line, number): Line => {
      const time = number === 0 ? padEnd(times[index], width) : ' '.repeat(width);
      const left: Line = [' '.repeat(INDENT), span(time, 'dim'), '  ', line];
      return number === 0 && note !== '' ? justify(left, [span(note, 'cyan')], columns) : left;
    });
  });
}

/** `   heals next  text`, wrapped under itself. */
export function noteLines(label: string, text: string, columns: number, style: Style = 'plain'): Line[] {
  const indent = INDENT + LABEL_COLUMNS;
  return wrap(escapeControls(text), Math.max(20, columns - indent)).map((line, index): Line => [
    span(padEnd(' '.repeat(INDENT) + (index === 0 ? label : ''), indent), 'dim'),
    span(line, style),
  ]);
}

export function notesLines(label: string, texts: readonly string[], columns: number, style: Style = 'plain'): Line[] {
  return texts.flatMap((text, index) => noteLines(index === 0 ? label : '', text, columns, style));
}

const HEALERS: Readonly<Record<string, string>> = {
  overwritten: 'a newer write',
  expired: 'time alone',
  late_delivery: 'their messages',
  hint: 'hints',
  retry: 'the client that tried again',
  replay: 'the replay of a log',
};

function healerText(id: string): string {
  return HEALERS[id] ?? (id.startsWith('repairs.') ? id : causeLabel(id));
}

/** What healed copies later in the run, or after its end; empty where nothing did. */
export function aftermathText({ healed, left }: Aftermath, run: Explained, clock: VirtualClock): string {
  const parts = Object.entries(healed).map(
    ([id, { copies, by_micros: by }]) => `${formatSummand(copies)} by ${healerText(id)}, done ${secondText(clock, by)}`,
  );
  if (parts.length === 0) return '';
  const beyond = run.seen_until_micros > run.end_micros ? ' (the run went on without clients)' : '';
  const rest = left === 0 ? '' : `; ${formatSummand(left)} are left at ${secondText(clock, run.seen_until_micros)}`;
  return `${parts.join('; ')}${beyond}${rest}`;
}

const REPAIRS_SHOWN = 3;

/** Repairs ahead, one sentence each; those that reach nothing last. */
export function repairTexts(repairs: readonly NextRepair[], copies: number, clock: VirtualClock): string[] {
  const sorted = [...repairs].sort(
    (left, right) =>
      Number(left.reaches_copies === 0) - Number(right.reaches_copies === 0) || left.at_micros - right.at_micros,
  );
  return sorted.slice(0, REPAIRS_SHOWN).map((repair) => {
    const { id, at_micros: at, reaches_copies: reached, misses_because: whys, incremental } = repair;
    const when = `${id}, ${farText(clock, at)}`;
    const why = whys.length === 0 ? '' : `: ${whys[0]}`;
    if (reached === 0) return `not by ${when}${why}`;
    const part =
      reached === copies ? '' : `, reaches ${formatSummand(reached)} of ${plural(copies, 'copy', 'copies')}${why}`;
    return `${when}${part}${incremental ? ' (incremental: only what is not marked as repaired)' : ''}`;
  });
}

/** A heading that begins with a number or a sign, wrapped under its text. */
export function headLines(sign: string, text: string, columns: number): Line[] {
  const lead = padEnd(sign, INDENT);
  return wrap(escapeControls(text), columns - lineWidth([lead])).map((line, index): Line => [
    span(index === 0 ? lead : ' '.repeat(INDENT), 'bold'),
    span(line, 'bold'),
  ]);
}
