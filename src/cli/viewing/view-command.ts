/** `view`: serves the folder of a run on this machine alone, opens its page, and ends at Ctrl-C. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from '../command.ts';
import { commandMistake } from '../command-mistake.ts';
import { EXIT } from '../exit-codes.ts';
import { replayCommand } from '../failure.ts';
import { PAGE_FILE } from '../report-page.ts';
import { runArgument } from '../run-argument.ts';
import { systemReason } from '../system-reason.ts';
import { shownPath } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { flag, wholeOption } from '../words.ts';
import type { Words } from '../words.ts';
import { openBrowser } from './open-browser.ts';
import { serveFolder } from './serve-folder.ts';
import type { Served } from './serve-folder.ts';

const PORT_MAX = 65_535;

export const viewCommand: Command = async (words, terminal) => {
  const folder = folderOf(words, terminal);
  const served = await serve(folder, wholeOption(words, 'port', 0, PORT_MAX) ?? 0);
  terminal.out.write(`${shownPath(terminal, folder)} is at ${served.address}\n`);
  // Where nobody can say when it is enough, the address was all.
  if (terminal.onInterrupt === undefined) {
    await served.close();
    return EXIT.held;
  }
  const isOpened = !flag(words, 'no-open') && (await openBrowser(served.address, terminal.environment));
  terminal.out.write(isOpened ? 'opened in the browser; Ctrl-C ends\n' : 'Ctrl-C ends\n');
  terminal.onInterrupt(() => undefined);
  return new Promise(() => undefined);
};

/** A folder that holds a page, such as that of a comparison; or that of the run named. */
function folderOf(words: Words, terminal: Terminal): string {
  const named = words['run'];
  if (typeof named === 'string' && existsSync(join(resolve(terminal.folder, named), PAGE_FILE)))
    return resolve(terminal.folder, named);
  const path = resolve(terminal.folder, runArgument(words, terminal));
  const shown = shownPath(terminal, path);
  if (basename(path) !== 'plan.json') {
    throw commandMistake('C190', `${shown} is no result`, {
      expected: 'a folder that a run has written, or last',
      suggestion: replayCommand(['run', shown]),
    });
  }
  const folder = dirname(path);
  if (existsSync(join(folder, PAGE_FILE))) return folder;
  throw commandMistake('C190', `${shownPath(terminal, folder)} holds no ${PAGE_FILE}`, {
    expected: 'a run without --no-html',
    suggestion: replayCommand(['run', shown]),
  });
}

async function serve(folder: string, port: number): Promise<Served> {
  try {
    return await serveFolder(folder, { port, page: PAGE_FILE });
  } catch (error) {
    throw commandMistake('C191', `nothing can be served at 127.0.0.1:${port}: ${systemReason(error)}`, {
      expected:
        port === 0 ? 'a machine that lets a program listen' : 'a port that is free; without --port any is taken',
    });
  }
}
