/**
 * `--reporter NAME[=FILE]`, several times: which reports are made and where they go. A document (JUnit, JSON, TAP) stands
 * alone on standard output; text and annotations may share it. The job summary goes where GitHub says.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { commandMistake } from '../command-mistake.ts';
import type { ExitCode } from '../exit-codes.ts';
import { systemReason } from '../system-reason.ts';
import type { Terminal } from '../terminal.ts';
import { complaintText, lineOf, testJson, totals } from '../test-report.ts';
import type { Tested } from '../test-report.ts';
import { flag } from '../words.ts';
import type { Words } from '../words.ts';
import { githubAnnotations, githubSummary } from './github.ts';
import { htmlReport } from './html.ts';
import { junitReport } from './junit.ts';
import { tapReport } from './tap.ts';

const NAMES = ['text', 'junit', 'github', 'json', 'tap', 'html'] as const;
const DOCUMENTS: readonly Name[] = ['junit', 'json', 'tap', 'html'];
type Name = (typeof NAMES)[number];

export interface Reporter {
  name: Name;
  /** Null: standard output. */
  file: string | null;
}

export function reportersOption(words: Words): Reporter[] {
  const typed = Array.isArray(words['reporter']) ? words['reporter'].map(String) : [];
  const reporters = typed.map(readReporter);
  if (flag(words, 'json')) reporters.push({ name: 'json', file: null });
  if (reporters.every(({ file }) => file !== null)) reporters.unshift({ name: 'text', file: null });
  const shown = reporters.filter(({ file }) => file === null);
  const document = shown.find(({ name }) => DOCUMENTS.includes(name));
  if (document === undefined || shown.length === 1) return reporters;
  throw commandMistake('C102', `${document.name} is a document and stands alone on standard output`, {
    expected: `--reporter ${document.name}=FILE`,
    found: shown.map(({ name }) => name).join(', '),
  });
}

function readReporter(text: string): Reporter {
  const at = text.indexOf('=');
  const [word, file] = at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
  const name = NAMES.find((candidate) => candidate === word);
  if (name !== undefined && file !== '') return { name, file };
  throw commandMistake('C102', `--reporter ${text}`, { expected: `${NAMES.join(' | ')}, or NAME=FILE`, found: text });
}

/** Is a line to be shown as each scenario ends? */
export function showsLines(reporters: readonly Reporter[]): boolean {
  return reporters.some(({ name, file }) => name === 'text' && file === null);
}

export interface Reporting {
  code: ExitCode;
  color: boolean;
  /** Of the terminal, or as it was asked for. */
  columns: number;
}

/** Writes all of them. @throws MistakeError where a file cannot be written; the others are written all the same */
export function report(
  tested: Tested,
  reporters: readonly Reporter[],
  terminal: Terminal,
  { code, color, columns }: Reporting,
): void {
  const { folder, environment } = terminal;
  const failures: unknown[] = [];
  for (const { name, file } of reporters) {
    const text = textOf(name, tested, { code, color: color && file === null, columns, terminal, whole: file !== null });
    if (file === null) terminal.out.write(text);
    else tryWrite(() => writeNew(resolve(folder, file), text), file, failures);
  }
  const summary = environment['GITHUB_STEP_SUMMARY'];
  if (summary !== undefined && summary !== '' && reporters.some(({ name }) => name === 'github'))
    tryWrite(() => appendFileSync(summary, githubSummary(tested, totals(tested, code))), summary, failures);
  if (failures.length > 0) throw failures[0];
}

interface TextInput extends Reporting {
  terminal: Terminal;
  /** With the lines that standard output had already. */
  whole: boolean;
}

function textOf(name: Name, tested: Tested, { code, color, columns, terminal, whole }: TextInput): string {
  if (name === 'junit') return junitReport(tested);
  if (name === 'json') return testJson(tested);
  if (name === 'tap') return tapReport(tested);
  if (name === 'html') return htmlReport(tested, code, terminal);
  if (name === 'github')
    return githubAnnotations(tested, { folder: terminal.folder, workspace: terminal.environment['GITHUB_WORKSPACE'] });
  const lines = whole ? tested.judgements.map((judgement) => lineOf(judgement, color)).join('') : '';
  return lines + complaintText(tested.judgements, color, whole ? undefined : columns) + totals(tested, code);
}

function writeNew(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function tryWrite(write: () => void, shown: string, failures: unknown[]): void {
  try {
    write();
  } catch (error) {
    failures.push(commandMistake('C106', `cannot write ${shown}: ${systemReason(error)}`, { path: shown }));
  }
}
