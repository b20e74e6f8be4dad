/** A post-mortem as HTML for a wiki or a mail: one file without any script, its chart as SVG in it. All that comes from a run is text. */
import { markupText } from '../page/embed-page.ts';
import type { Incident, IncidentTable } from './incident.ts';

const STYLE = [
  'body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:15px/1.5 system-ui,sans-serif;color:#16202c;background:#fff}',
  'table{border-collapse:collapse;width:100%;font-size:.9em}td,th{padding:.3em .8em .3em 0;border-bottom:1px solid #dde3ea;text-align:left;vertical-align:top}',
  '.n{text-align:right;white-space:nowrap}svg{max-width:100%;height:auto}code{overflow-wrap:anywhere}',
].join('');

export function postMortemHtml(incident: Incident, svg: string): string {
  const body = [
    `<h1>${markupText(incident.title)}</h1>`,
    paragraph(incident.facts),
    incident.story === '' ? '' : paragraph(incident.story),
    section('Verdicts', list(incident.verdicts)),
    section('The few numbers', table(incident.numbers)),
    section('What happened', table(incident.timeline)),
    section('The copies over time', svg),
    section('Why copies differed, and what became of them', table(incident.causes)),
    section('What repair cost', table(incident.repairs)),
    section('Deadlines', list(incident.deadlines)),
    section('Assumed', list(incident.assumptions)),
    section(
      'Run it again',
      `<p><code>${markupText(incident.replay)}</code></p>${paragraph(`Fingerprint ${incident.fingerprint}. ${incident.notModelled} things are not modelled: --details lists them.`)}`,
    ),
  ];
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${markupText(incident.title)}</title><style>${STYLE}</style>`;
  return `<!doctype html>\n<html lang="en"><head>${head}</head><body>\n${body.filter((part) => part !== '').join('\n')}\n</body></html>\n`;
}

function paragraph(text: string): string {
  return `<p>${markupText(text)}</p>`;
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<h2>${markupText(title)}</h2>\n${content}`;
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `<ul>${texts.map((text) => `<li>${markupText(text)}</li>`).join('')}</ul>`;
}

function table({ titles, numbers, rows }: IncidentTable): string {
  if (rows.length === 0) return '';
  const look = (column: number): string => (numbers.includes(column) ? ' class="n"' : '');
  const head = titles.map((title, column) => `<th${look(column)}>${markupText(title)}</th>`).join('');
  const lines = rows.map(
    (row) => `<tr>${row.map((cell, column) => `<td${look(column)}>${markupText(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}
