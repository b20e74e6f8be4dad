/** GitHub: an annotation on the line of each expectation that did not hold, and the summary of the job. */
import { relative, resolve } from 'node:path';
import type { Tested } from '../test-report.ts';
import { escapeCommand, escapeMarkdown, escapeProperty, markdownCode } from './escape.ts';
import { findingsOf } from './findings.ts';
import type { Finding } from './findings.ts';

/** Where files are named from: the folder of the terminal, and that of the checkout. */
export interface Places {
  folder: string;
  workspace: string | undefined;
}

export function githubAnnotations({ judgements }: Tested, places: Places): string {
  return judgements
    .flatMap(findingsOf)
    .map((finding) => annotation(finding, places))
    .join('');
}

function annotation({ kind, file, line, title, lines }: Finding, { folder, workspace }: Places): string {
  const path = workspace === undefined ? file : relative(workspace, resolve(folder, file));
  const place = [`file=${escapeProperty(path.replaceAll('\\', '/'))}`, ...(line > 0 ? [`line=${line}`] : [])];
  const properties = [...place, `title=${escapeProperty(title)}`].join(',');
  return `::${kind === 'open' ? 'warning' : 'error'} ${properties}::${escapeCommand(lines.join('\n'))}\n`;
}

/** Markdown: the totals, and a row for each thing that did not hold. */
export function githubSummary(tested: Tested, totals: string): string {
  const rows = tested.judgements.flatMap(findingsOf).map(({ file, line, title, lines: [replay, ...lines] }) => {
    const place = line > 0 ? `${file}:${line}` : file;
    return `| ${markdownCode(place)} | ${escapeMarkdown(title)} | ${escapeMarkdown(lines.join(' '))} | ${markdownCode(replay)} |`;
  });
  const table = rows.length === 0 ? [] : ['', '| where | what | seen | again |', '|---|---|---|---|', ...rows];
  return [
    '## Reconverge',
    '',
    ...totals
      .trimEnd()
      .split('\n')
      .map((line) => `${escapeMarkdown(line)}  `),
    ...table,
    '',
    '',
  ].join('\n');
}
