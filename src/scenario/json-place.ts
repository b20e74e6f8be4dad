/** Where a value stands in a text that is JSON: for the places of mistakes in plan files. Reading and proving are not here. */
import type { Path } from './places.ts';

export interface JsonRange {
  start: number;
  end: number;
}

const SPACE = /[ \t\r\n]*/y;
const LITERAL = /[^\s,\]}]*/y;

/** The range of the value at a path; of its nearest ancestor where the path itself has no text. */
export function jsonRange(text: string, path: Path): JsonRange {
  let start = matchEnd(SPACE, text, 0);
  for (const step of path) {
    const child = childStart(text, start, step);
    if (child === null) break;
    start = child;
  }
  return { start, end: valueEnd(text, start) };
}

/** `entries[0].nodes[0]`, `workload["two words"].keys` */
export function jsonPathText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** Where the member of a map or list begins; null where there is none. Of a key that stands twice the last one counts. */
function childStart(text: string, parent: number, step: string | number): number | null {
  const isMap = text[parent] === '{';
  if (!isMap && text[parent] !== '[') return null;
  let found: number | null = null;
  let index = 0;
  let at = matchEnd(SPACE, text, parent + 1);
  while (at < text.length && text[at] !== '}' && text[at] !== ']') {
    let key: string | number = index++;
    if (isMap) {
      const end = quotedEnd(text, at);
      key = JSON.parse(text.slice(at, end)) as string;
      at = matchEnd(SPACE, text, matchEnd(SPACE, text, end) + 1);
    }
    if (key === step) found = at;
    if (found !== null && !isMap) return found;
    at = matchEnd(SPACE, text, valueEnd(text, at));
    if (text[at] === ',') at = matchEnd(SPACE, text, at + 1);
  }
  return found;
}

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return quotedEnd(text, start);
  if (first !== '{' && first !== '[') return matchEnd(LITERAL, text, start);
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = quotedEnd(text, at) - 1;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}

function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(text);
  return Math.max(at, pattern.lastIndex);
}
