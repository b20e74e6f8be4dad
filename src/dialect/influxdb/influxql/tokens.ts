/** Cuts an InfluxQL statement into tokens, each with its place: names, texts, regular expressions, numbers, durations, signs. */
import type { PlacelessMistake, TextPart } from '../../../scenario/dialect-rules.ts';

export interface Token extends TextPart {
  kind: 'word' | 'name' | 'text' | 'pattern' | 'number' | 'duration' | 'sign' | 'end';
  text: string;
}

/** Thrown by the reader only: the first thing that is not what must stand there. */
export class Refusal {
  readonly mistake: PlacelessMistake;
  constructor(mistake: PlacelessMistake) {
    this.mistake = mistake;
  }
}

export function refuse(token: Token, message: string, expected: string): never {
  const found = token.kind === 'end' ? 'the end' : token.text;
  const { start, length } = token;
  throw new Refusal({ code: 'D330', message, expected, found, within: { start, length } });
}

/** In turn: blanks and comments; a duration; a number; a text; a name in quotes; a pattern after ~; a word; a sign. */
const PIECE =
  /\s+|--[^\n]*|(\d+(?:ns|ms|u|µ|s|m|h|d|w)(?:\d+(?:ns|ms|u|µ|s|m|h|d|w))*)\b|(\d+(?:\.\d+)?)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)+)"|(?<=~\s*)\/((?:[^/\\]|\\.)*)\/|([A-Za-z_]\w*)|(=~|!~|!=|<>|<=|>=|[^])/gu;

const KINDS = ['duration', 'number', 'text', 'name', 'pattern', 'word', 'sign'] as const;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(PIECE)) {
    const group = match.slice(1).findIndex((part: string | undefined) => part !== undefined);
    if (group < 0) continue;
    const kind = KINDS[group];
    const plain = kind === 'text' || kind === 'name';
    const content = plain ? match[group + 1].replaceAll(/\\(.)/g, '$1') : match[group + 1];
    tokens.push({ kind, text: content, start: match.index, length: match[0].length });
  }
  tokens.push({ kind: 'end', text: 'the end', start: text.length, length: 0 });
  return tokens;
}

const MICROS: Readonly<Record<string, number>> = {
  ...{ ns: 0.001, u: 1, µ: 1, ms: 1000, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6, w: 604_800e6 },
};

/** `1h30m` in µs. */
export function durationMicros(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ns|ms|u|µ|s|m|h|d|w)/gu)];
  return Math.round(parts.reduce((sum, [, digits, unit]) => sum + Number(digits) * MICROS[unit], 0));
}
