/** Finds where a text stops being JSON, for the place of a mistake; the reading itself is JSON.parse's. */

export interface JsonFault {
  offset: number;
  message: string;
}

type State = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'after';

const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

/** Deeper than any plan, whose scenario has at most 64 levels; what recurses over it must not run out of stack. */
const MAX_DEPTH = 200;

/** The first place of a JSON text that is nested too deep; null where none is. */
export function findJsonDepth(text: string): JsonFault | null {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > MAX_DEPTH) return { offset: at, message: `nested more than ${MAX_DEPTH} levels deep` };
  }
  return null;
}

/** Null where the text is JSON. */
export function findJsonFault(text: string): JsonFault | null {
  const stack: ('{' | '[')[] = [];
  let state: State = 'value';
  let at = 0;
  for (;;) {
    at = matchAt(SPACE, text, at);
    if (state === 'after' && stack.length === 0)
      return at === text.length ? null : { offset: at, message: 'the text goes on after its end' };
    if (at >= text.length) return { offset: text.length, message: 'the text is torn: it ends too early' };
    const step = next(text, at, { state, stack });
    if (typeof step === 'string') return { offset: at, message: step };
    ({ at, state } = step);
  }
}

/** One token on; a text says what is wrong. */
function next(
  text: string,
  at: number,
  { state, stack }: { state: State; stack: ('{' | '[')[] },
): { at: number; state: State } | string {
  const character = text[at];
  const inMap = stack.at(-1) === '{';
  switch (state) {
    case 'colon':
      return character === ':' ? { at: at + 1, state: 'value' } : 'a colon is missing';
    case 'after':
      if (character === ',') return { at: at + 1, state: inMap ? 'key' : 'value' };
      return character === (inMap ? '}' : ']') ? close(stack, at) : 'a comma or a closing bracket is missing';
    case 'first-key':
      return character === '}' ? close(stack, at) : quoted(text, at, 'colon');
    case 'key':
      return quoted(text, at, 'colon');
    case 'first-value':
      return character === ']' ? close(stack, at) : value(text, at, stack);
    case 'value':
      return value(text, at, stack);
  }
}

function close(stack: ('{' | '[')[], at: number): { at: number; state: State } {
  stack.pop();
  return { at: at + 1, state: 'after' };
}

function value(text: string, at: number, stack: ('{' | '[')[]): { at: number; state: State } | string {
  const character = text[at];
  if (character === '{' || character === '[') {
    stack.push(character);
    return { at: at + 1, state: character === '{' ? 'first-key' : 'first-value' };
  }
  if (character === '"') return quoted(text, at, 'after');
  const end = matchAt(LITERAL, text, at);
  return end > at ? { at: end, state: 'after' } : 'not a JSON value';
}

/** A quoted text; stops at its end. */
function quoted(text: string, at: number, after: State): { at: number; state: State } | string {
  if (text[at] !== '"') return 'a key in double quotes is missing';
  for (let index = at + 1; index < text.length; index++) {
    if (text[index] === '"') return { at: index + 1, state: after };
    if (text[index] === '\\') index++;
    else if (text.charCodeAt(index) < 32) return 'a text is not closed on its line';
  }
  return 'the text is torn inside quotes';
}

function matchAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
