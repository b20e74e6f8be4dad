/** `schema`: the JSON Schema of a document, for editors and for programs that read our files. */
import { jsonText } from '../report/json.ts';
import { planSchema, scenarioSchema } from '../scenario/load.ts';
import { nearestName } from '../scenario/nearest.ts';
import { studySchema } from '../studies/sweep/study-shape.ts';
import { commandMistake } from './command-mistake.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-codes.ts';
import { resultSchema } from './result-schema.ts';
import { positional } from './words.ts';

const SCHEMAS: Readonly<Record<string, () => unknown>> = {
  scenario: scenarioSchema,
  study: studySchema,
  plan: planSchema,
  result: resultSchema,
};

export const schemaCommand: Command = async (words, terminal) => {
  const asked = positional(words, 'document');
  const names = Object.keys(SCHEMAS);
  if (!names.includes(asked)) {
    const nearest = nearestName(asked, names);
    const details = nearest === null ? {} : { suggestion: nearest };
    throw commandMistake('C102', `no schema of ${asked}`, { expected: names.join(' | '), found: asked, ...details });
  }
  terminal.out.write(jsonText(SCHEMAS[asked]()));
  return EXIT.held;
};
