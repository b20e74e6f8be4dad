import { MistakeError } from '../base/mistake.ts';
import type { Mistake } from '../base/mistake.ts';
import type { Refusal } from './ask.ts';

/** Mistakes of whoever asks for an operator's view, one line each; the error reference is written from it. */
export const OPERATOR_MISTAKES = {
  O101: 'a moment that is not one, or that is not in the run',
  O102: 'a node that the plan does not have',
  O103: 'a command that cannot be asked, or not of this version, or with a name that is not there',
} as const;

export type OperatorMistakeCode = keyof typeof OPERATOR_MISTAKES;

/** As a mistake of the call; the command line says where it stands in what was typed. */
export function operatorMistake(code: OperatorMistakeCode, refusal: Refusal): MistakeError {
  const mistake: Mistake = {
    ...{ code, severity: 'mistake', file: 'operatorView', line: 0, column: 0, length: 0, path: '' },
    ...refusal,
  };
  return new MistakeError([mistake]);
}
