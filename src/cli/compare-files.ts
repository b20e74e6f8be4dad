/** What `compare` leaves: a folder with its document and its page. Without a page to write, only where somebody names a folder. */
import { resolve } from 'node:path';
import { comparePage } from '../report/page/compare-page.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Comparison } from '../studies/compare/compare.ts';
import type { Input } from './input.ts';
import { pageFile } from './report-page.ts';
import { folderName, refuseFolder, resultsRoot, writeResultFolder } from './result-folder.ts';
import { shownPath } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { flag, textOption } from './words.ts';
import type { Words } from './words.ts';

/** Null: nothing is written. Refused now if it cannot be, so that no minutes are lost. */
export function comparisonFolder(words: Words, terminal: Terminal, { name, plan }: Input): string | null {
  const out = textOption(words, 'out');
  const isLeftOut = terminal.pageTemplate === undefined || flag(words, 'no-html');
  if (out === null && isLeftOut) return null;
  const own = folderName({ name, seed: `${plan.seed}-compare`, edited: null });
  const folder = out === null ? resolve(resultsRoot(terminal.folder), own) : resolve(terminal.folder, out);
  refuseFolder(folder);
  return folder;
}

export interface ComparisonFiles {
  comparison: Comparison;
  document: string;
  plan: Plan;
  replays: readonly (readonly [id: string, command: string])[];
  isPageLeftOut: boolean;
}

/** The line that says where they are; empty where nothing was written. */
export async function writeComparison(
  folder: string | null,
  { comparison, document, plan, replays, isPageLeftOut }: ComparisonFiles,
  terminal: Terminal,
): Promise<string> {
  if (folder === null) return '';
  const page = (): Record<string, string> =>
    pageFile(terminal, 'compare', () => comparePage(comparison, { plan, replays: Object.fromEntries(replays) }));
  const files = { 'comparison.json': document, ...(isPageLeftOut ? {} : page()) };
  await writeResultFolder(folder, files);
  return ` files   ${shownPath(terminal, folder)}/  ${Object.keys(files).join(' ')}\n`;
}
