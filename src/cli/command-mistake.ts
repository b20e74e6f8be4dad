/** Mistakes of the command line: they have no line and column, their place is what was typed. */
import { MistakeError } from '../base/mistake.ts';
import type { Mistake } from '../base/mistake.ts';

export const COMMAND_LINE = 'command line';

/** Codes of mistakes that only the command line can make; those of files live with their readers. */
export const COMMAND_MISTAKE_CODES = {
  C101: 'unknown command or option',
  C102: 'an option without its value, given twice, or with one that cannot be read',
  C103: 'a file or folder that cannot be read',
  C104: 'a folder without scenarios',
  C105: 'a folder that is not a result of ours',
  C106: 'results that cannot be written',
  C107: 'a run that needs more memory than the machine has (a warning where it is near)',
  C108: 'a file of strategies that holds none, or something else',
  C130: 'a run that is not there',
  C131: 'the beginning of the names of several runs',
  C132: 'a what-if without an edit',
  C134: 'a row or a story that is not in the run, or several rows where one is meant',
  C150: 'a folder that holds another study, or this one as it was before something changed',
  C151: 'a study that another process works on',
  C152: 'a study.json or journal that cannot be read',
  C153: 'a study whose results can no longer be written: what was finished is safe',
  C110: 'goldens that are to be accepted in CI',
  C111: 'a golden that cannot be read',
  C112: 'a comparison with a revision without git, or outside a repository',
  C113: 'an unknown revision',
  C170: 'a query without DuckDB, which is installed apart',
  C171: 'a query of too many words, or of none',
  C172: 'SQL that is wrong',
  C173: 'a table of results that is damaged',
  C174: 'a table of results of a newer format, or a folder or table that is none of ours',
  C175: 'a query that does more than read the results of its runs',
  C176: 'a format of an answer that is not known, or that needs a file',
  C211: 'a study.json that another version or program wrote (a warning: it is repeated all the same)',
  C212: 'a study.json that was changed by hand',
  C187: 'an exploration together with what it does itself, or --keep and --from without one',
  C180: 'a candidate repair that there is not',
  C181: 'advice for a database whose repair commands are not known',
  C190: 'a page that is to be shown and is not there',
  C191: 'a port that cannot be listened at',
  C192: 'a report that cannot be written',
  C193: 'a page where the page of reports is not built',
} as const;

export type CommandMistakeCode = keyof typeof COMMAND_MISTAKE_CODES;

type Details = Partial<Pick<Mistake, 'expected' | 'found' | 'suggestion' | 'notes' | 'path'>>;

export function commandMistake(code: CommandMistakeCode, message: string, details: Details = {}): MistakeError {
  return new MistakeError([
    { code, severity: 'mistake', file: COMMAND_LINE, line: 0, column: 0, length: 0, path: '', message, ...details },
  ]);
}
