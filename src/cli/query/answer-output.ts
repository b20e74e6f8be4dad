/** Where an answer goes: standard output, or a file that is complete or not there. Rows are written as they come. */
import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { escapeControls } from '../../report/width.ts';
import { commandMistake } from '../command-mistake.ts';
import { systemReason } from '../system-reason.ts';
import { shownPath } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export interface AnswerOutput {
  write(content: string | Uint8Array): void;
  finish(): void;
  /** Leaves nothing behind. */
  abandon(): void;
}

/** Names come from scenarios: on a terminal they must not steer it. */
export function standardOutput({ out }: Terminal): AnswerOutput {
  const safe = (text: string): string => text.split('\n').map(escapeControls).join('\n');
  return {
    write: (content) => {
      const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
      out.write(out.isTerminal ? safe(text) : text);
    },
    finish: () => undefined,
    abandon: () => undefined,
  };
}

export function fileOutput(named: string, terminal: Terminal): AnswerOutput {
  const path = resolve(terminal.folder, named);
  const temporary = join(dirname(path), `.${basename(path)}.tmp-${process.pid}`);
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw commandMistake('C106', `cannot write ${named}`, { found: systemReason(error) });
    }
  };
  if (attempt(() => statSync(path, { throwIfNoEntry: false }))?.isDirectory() === true)
    throw commandMistake('C106', `cannot write ${named}`, { found: 'a folder' });
  const above = dirname(path);
  if (attempt(() => statSync(above, { throwIfNoEntry: false })) === undefined)
    throw commandMistake('C106', `cannot write ${named}`, {
      found: `there is no folder ${shownPath(terminal, above)}`,
      expected: 'a folder that is there',
    });
  let file: number | null = attempt(() => openSync(temporary, 'w'));
  const close = (): void => {
    if (file !== null) closeSync(file);
    file = null;
  };
  return {
    write: (content) => attempt(() => writeAll(file ?? -1, content)),
    finish: () =>
      attempt(() => {
        close();
        renameSync(temporary, path);
      }),
    abandon: () => {
      close();
      rmSync(temporary, { force: true });
    },
  };
}

/** A disk that is nearly full takes a part. */
function writeAll(file: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}
