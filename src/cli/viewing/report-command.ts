/** `report`: the post-mortem of a run, as Markdown or HTML, on standard output or in a file with its chart beside it. */
import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { drawChart } from '../../report/chart.ts';
import { renderLines } from '../../report/lines.ts';
import { chartSvg } from '../../report/page/chart-svg.ts';
import { causeChart } from '../../report/page/overview-charts.ts';
import { SeriesView } from '../../report/page/packed-series.ts';
import type { RunPage } from '../../report/page/page-data.ts';
import { LIGHT } from '../../report/page/palette.ts';
import { postMortemHtml } from '../../report/post-mortem/html.ts';
import { incidentOf } from '../../report/post-mortem/incident.ts';
import { postMortemMarkdown } from '../../report/post-mortem/markdown.ts';
import type { Command } from '../command.ts';
import { commandMistake } from '../command-mistake.ts';
import { EXIT } from '../exit-codes.ts';
import { systemReason } from '../system-reason.ts';
import { shownPath } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { choiceOption, textOption } from '../words.ts';
import { pageOfRun } from './page-of-run.ts';

const TEXT_COLUMNS = 80;
const PICTURE = { width: 960, height: 400 };

export const reportCommand: Command = async (words, terminal, typed) => {
  const format = choiceOption(words, 'format', ['md', 'html']) ?? 'md';
  const output = textOption(words, 'output');
  const page = await pageOfRun(words, terminal, typed);
  const files =
    format === 'html' ? { '': postMortemHtml(incidentOf(page), picture(page)) } : markdownFiles(page, output);
  if (output === null) {
    terminal.out.write(files['']);
    return EXIT.held;
  }
  const written = Object.entries(files).map(([ending, content]) => write(`${output}${ending}`, content, terminal));
  terminal.out.write(`${written.join(' ')}\n`);
  return EXIT.held;
};

/** By what stands behind the name of the file. */
function markdownFiles(page: RunPage, output: string | null): Record<string, string> {
  const incident = incidentOf(page);
  const text = textChart(page);
  if (output === null) return { '': postMortemMarkdown(incident, { file: null, text }) };
  return {
    '': postMortemMarkdown(incident, { file: encodeURI(`${basename(output)}.svg`), text }),
    '.svg': picture(page),
  };
}

function picture(page: RunPage): string {
  const { plan, result, faults, repairs } = page;
  return chartSvg(causeChart(new SeriesView(page.series), 'entropy_bits'), {
    ...PICTURE,
    fromMicros: 0,
    toMicros: result.virtual_micros,
    clock: new VirtualClock(plan.start, result.virtual_micros),
    palette: LIGHT,
    faults,
    repairs,
  });
}

function textChart({ series, plan, result }: RunPage): string {
  const view = new SeriesView(series);
  const columns = Object.fromEntries(view.names.map((name) => [name, [...(view.column(name) ?? [])]]));
  const clock = new VirtualClock(plan.start, result.virtual_micros);
  const chart = drawChart({ time_micros: [...view.times], columns }, result.virtual_micros, {
    columns: TEXT_COLUMNS,
    clock,
  });
  if (chart === null) return 'no copy differed at any time that was sampled';
  return renderLines([...chart.lines, ...chart.legend], { columns: TEXT_COLUMNS, color: false });
}

function write(path: string, content: string, terminal: Terminal): string {
  const shown = shownPath(terminal, path);
  try {
    writeFileSync(resolve(terminal.folder, path), content);
  } catch (error) {
    throw commandMistake('C192', `cannot write ${shown}: ${systemReason(error)}`, {
      expected: 'a file in a folder that exists and may be written',
    });
  }
  return shown;
}
