/**
 * `--watch`: again whenever one of the files changed. Their times are looked at rather than waited for: that works on every
 * file system, also where an editor replaces a file or a network folder tells nobody.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { plural } from '../../base/human.ts';
import { EXIT } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

const LOOK_MILLIS = 300;

export interface Watched {
  code: ExitCode;
  /** Files whose change asks for another round. */
  files: readonly string[];
}

/** Ends with the process; `sleep` gives false where it shall end before (in tests). */
export async function watchFiles(
  once: () => Promise<Watched>,
  terminal: Terminal,
  sleep: (millis: number) => Promise<boolean> = sleepMillis,
): Promise<ExitCode> {
  for (;;) {
    const { code, files } = await once();
    if (code === EXIT.interrupted) return code;
    const seen = stampsOf(files, terminal);
    terminal.err.write(`watching ${plural(new Set(files).size, 'file')}; Ctrl-C ends\n`);
    do if (!(await sleep(LOOK_MILLIS))) return code;
    while (stampsOf(files, terminal) === seen);
    terminal.err.write('\n');
  }
}

function sleepMillis(millis: number): Promise<boolean> {
  return new Promise((resolve) => setTimeout(() => resolve(true), millis));
}

/** A file that is not there has a stamp, too. */
function stampsOf(files: readonly string[], { folder }: Terminal): string {
  const stamps = files.map((file) => {
    const stats = statSync(resolve(folder, file), { throwIfNoEntry: false });
    return stats === undefined ? '–' : `${stats.mtimeMs} ${stats.size}`;
  });
  return stamps.join('\n');
}
