/** What is refused before the YAML parser sees a text: its size, control characters, nesting that would exhaust it. Codes are those of scenarios; a dialect gives its own. */
import { Lexer } from 'yaml';

export const MAX_TEXT_CHARACTERS = 1024 * 1024;

export const MAX_DEPTH = 64;

/** A block level takes a column at least. */
const MAX_INDENT = 512;

export interface Problem {
  code: string;
  message: string;
  expected?: string;
  start: number;
  end: number;
  fatal?: boolean;
}

export const NESTED = {
  code: 'S105',
  message: `nested more than ${MAX_DEPTH} levels deep`,
  expected: `at most ${MAX_DEPTH} levels`,
  fatal: true,
};

/** Words, numbers and quoted texts: 1 MiB of tokens holds 50 000 of them. */
export const MAX_SCALARS = 60_000;

const TOO_MANY = {
  code: 'S105',
  message: `more than ${MAX_SCALARS} keys and values`,
  expected: `at most ${MAX_SCALARS}; put large data into files that the scenario names`,
  fatal: true,
};

/** The lexer puts a mark before what is plain. */
const PLAIN_OR_QUOTED = /^[\x1f"'*]/;

/** The first of all that is wrong, or null: then the parser may see it. */
export function refuseUnreadable(text: string): Problem | null {
  return refuseText(text) ?? refuseStructure(text);
}

function refuseText(text: string): Problem | null {
  if (text.length > MAX_TEXT_CHARACTERS) {
    const message = `the file has ${text.length} characters, more than the ${MAX_TEXT_CHARACTERS} (1 MiB) that YAML may have here`;
    return {
      code: 'S101',
      message,
      expected: 'at most 1 MiB; put large data into files that the scenario names',
      start: 0,
      end: 1,
    };
  }

  if (/^[\ufffd\ufeff]{0,2}(?:\0[^\0]|[^\0]\0)/.test(text))
    return {
      code: 'S102',
      message: 'the file is UTF-16',
      expected: 'YAML in UTF-8: save the file as UTF-8',
      start: 0,
      end: 1,
    };
  const control = text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  if (control >= 0)
    return {
      code: 'S102',
      message: 'not a text file: it holds control characters',
      expected: 'YAML in UTF-8',
      start: control,
      end: control + 1,
    };
  const replaced = text.indexOf('\ufffd');
  if (replaced >= 0)
    return {
      code: 'S102',
      message: 'not a text file: it is not UTF-8',
      expected: 'YAML in UTF-8',
      start: replaced,
      end: replaced + 1,
    };
  return null;
}

/** Before the parser, which recurses and takes seconds for what is huge: a flat scan over the tokens. */
function refuseStructure(text: string): Problem | null {
  let offset = 0;
  let flow = 0;
  let block = 0;
  let scalars = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow++;
    else if (token === ']' || token === '}') flow--;
    else if (token === '-' || token === '?') block++;
    else if (token.includes('\n')) block = 0;
    if (PLAIN_OR_QUOTED.test(token) && ++scalars > MAX_SCALARS) return { ...TOO_MANY, start: offset, end: offset + 1 };
    const tooDeep = flow > MAX_DEPTH || block > MAX_DEPTH || (token.length > MAX_INDENT && /^ +$/.test(token));
    if (tooDeep) return { ...NESTED, start: offset, end: offset + 1 };
    // The lexer marks documents and scalars with control characters that are not in the text.
    if (!/^[\x02\x18\x1f\ufeff]$/.test(token)) offset += token.length;
  }
  return null;
}
