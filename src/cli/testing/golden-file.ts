/** Where a scenario's golden lies, and reading it: absent is nothing, unreadable a mistake with its line. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Mistake } from '../../base/mistake.ts';
import { otherFormat } from '../../base/other-format.ts';
import { commandMistake } from '../command-mistake.ts';
import type { CommandMistakeCode } from '../command-mistake.ts';
import { InputError } from '../failure.ts';
import { systemReason } from '../system-reason.ts';
import type { Terminal } from '../terminal.ts';
import { isGoldenProblem, readGolden } from './golden.ts';
import type { Golden, GoldenProblem } from './golden.ts';

const CODE: CommandMistakeCode = 'C111';

/** `rack.yaml` → `rack.golden.txt`. */
export function goldenPath(file: string): string {
  return `${file.replace(/[.](ya?ml|json)$/, '')}.golden.txt`;
}

/** Null where there is none. @throws MistakeError where it is no golden of ours */
export function goldenBeside(file: string, { folder }: Pick<Terminal, 'folder'>): Golden | null {
  const path = goldenPath(file);
  if (!existsSync(resolve(folder, path))) return null;
  const text = readOf(path, folder);
  const read = readGolden(text);
  if (!isGoldenProblem(read)) return read;
  const place = { file: path, line: read.line, column: 1, length: 1, path: '' };
  throw new InputError(
    [
      {
        code: CODE,
        severity: 'mistake',
        ...place,
        ...problemOf(read, file),
      },
    ],
    new Map([[path, text]]),
  );
}

function problemOf({ message, format }: GoldenProblem, file: string): Pick<Mistake, 'message' | 'expected' | 'notes'> {
  const again = `take it away and run: reconverge accept ${file}`;
  if (format !== undefined) return otherFormat({ what: 'a golden', format, known: 1, renew: again });
  return { message, expected: 'a golden as accept writes it', notes: [`mend it, take it back from git, or ${again}`] };
}

function readOf(path: string, folder: string): string {
  try {
    return readFileSync(resolve(folder, path), 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    throw commandMistake('C103', `${path} cannot be read: ${systemReason(error)}`, { path });
  }
}

/** Whole or not at all. @throws MistakeError where the system does not let us */
export function writeGolden(file: string, text: string, { folder }: Pick<Terminal, 'folder'>): void {
  const shown = goldenPath(file);
  const path = resolve(folder, shown);
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw commandMistake('C106', `cannot write ${shown}: ${systemReason(error)}`, { path: shown });
  }
}
