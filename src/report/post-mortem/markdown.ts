/**
 * A post-mortem as Markdown for a ticket. What comes from a scenario is text: characters that Markdown would read are escaped.
 * The chart is a picture beside the file, or text where there is no file to put it beside.
 */
import type { Incident, IncidentTable } from './incident.ts';

export interface MarkdownChart {
  /** Path of the SVG, as the file names it; null: text. */
  file: string | null;
  /** The same as text, for where no picture is. */
  text: string;
}

export function postMortemMarkdown(incident: Incident, chart: MarkdownChart): string {
  const picture =
    chart.file === null ? ['```text', chart.text.trimEnd(), '```'] : [`![Entropy by cause over time](${chart.file})`];
  const parts: (readonly string[])[] = [
    [`# ${escaped(incident.title)}`],
    [escaped(incident.facts)],
    incident.story === '' ? [] : [escaped(incident.story)],
    section('Verdicts', incident.verdicts.map(listItem)),
    section('The few numbers', table(incident.numbers)),
    section('What happened', table(incident.timeline)),
    section('The copies over time', picture),
    section('Why copies differed, and what became of them', table(incident.causes)),
    section('What repair cost', table(incident.repairs)),
    section('Deadlines', incident.deadlines.map(listItem)),
    section('Assumed', incident.assumptions.map(listItem)),
    section('Run it again', [
      '```sh',
      incident.replay,
      '```',
      '',
      `Fingerprint \`${incident.fingerprint}\`. ${incident.notModelled} things are not modelled: \`--details\` lists them.`,
    ]),
  ];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines];
}

function listItem(text: string): string {
  return `- ${escaped(text)}`;
}

function table({ titles, numbers, rows }: IncidentTable): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => escaped(cell)).join(' | ')} |`;
  return [
    line(titles),
    `|${titles.map((_, column) => (numbers.includes(column) ? '---:' : '---')).join('|')}|`,
    ...rows.map(line),
  ];
}

/** Markup and the signs of Markdown mean themselves; ends of lines would end a cell or a heading. */
export function escaped(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]<>|#~]/g, (sign) => `\\${sign}`)
    .replaceAll('&', '&amp;');
}
