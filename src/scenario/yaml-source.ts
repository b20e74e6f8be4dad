/**
 * Reads YAML text into plain data with the place of every node. Guards against what a hostile or torn file can hold:
 * size, NUL bytes, alias bombs, nesting, duplicate keys. Integers beyond 2^53 become decimal text, so nothing is rounded.
 * Not responsible for what the data means.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Alias, Document, Node, Pair } from 'yaml';
import type { Mistake } from '../base/mistake.ts';
import { MAX_DEPTH, NESTED, refuseUnreadable } from '../base/yaml-guards.ts';
import type { Problem } from '../base/yaml-guards.ts';
import { Places } from './places.ts';
import type { SourceNode } from './places.ts';

/** Values after aliases are followed; far more than a person writes in 1 MiB. */
const MAX_NODES = 200_000;

const MAX_SYNTAX_MISTAKES = 20;
const MAX_SHOWN = 40;

/** Tags that the parser knows and that make no plain data. */
const STRANGE_TAG = /^tag:yaml.org,2002:(binary|merge|omap|pairs|set|timestamp)$/;

export interface YamlSource {
  /** Undefined where the text cannot be read at all. */
  data: unknown;
  places: Places;
  mistakes: Mistake[];
}

export function readYaml(file: string, text: string): YamlSource {
  const bare = new Places(file, text, null);
  const refused = refuseUnreadable(text);
  if (refused !== null) return { data: undefined, places: bare, mistakes: [mistakeAt(bare, refused)] };
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      intAsBigInt: true,
      schema: 'core',
      prettyErrors: false,
      stringKeys: false,
      // The parser compares each key with all before it; the walk below remembers them.
      uniqueKeys: false,
      logLevel: 'error',
    });
  } catch {
    // The parser recurses; a text that exhausts the stack is nested thousands of levels deep.
    return { data: undefined, places: bare, mistakes: [mistakeAt(bare, { ...NESTED, start: 0, end: 1 })] };
  }
  const problems = syntaxProblems(document, text);
  if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    problems.push({
      code: 'S107',
      message: 'only YAML 1.2 is read: under 1.1 words such as no and on change their meaning',
      start: 0,
      end: 1,
      fatal: true,
    });
  }
  if (problems.some(({ fatal }) => fatal))
    return { data: undefined, places: bare, mistakes: problems.map((problem) => mistakeAt(bare, problem)) };
  const walk = new Walk(document);
  const { value, node } = walk.read(document.contents, 0);
  const places = new Places(file, text, node);
  return {
    data: walk.problems.some(({ fatal }) => fatal) ? undefined : value,
    places,
    mistakes: [...problems, ...walk.finish()].map((problem) => mistakeAt(places, problem)),
  };
}

/** The first of them, and how many more there are. */
function syntaxProblems({ errors, warnings }: Document.Parsed, text: string): Problem[] {
  const problems = errors
    .slice(0, MAX_SYNTAX_MISTAKES)
    .map((error): Problem => ({ ...yamlProblem(error), fatal: true }));
  const more = errors.length - problems.length;
  // What the parser only doubts would be swallowed: tags that it does not know, directives.
  for (const { pos } of warnings.slice(0, MAX_SYNTAX_MISTAKES)) problems.push(strange(text, pos[0], pos[1]));
  if (more === 0) return problems;
  const [start, end] = errors[MAX_SYNTAX_MISTAKES].pos;
  const message = `${more} more ${more === 1 ? 'place' : 'places'} from here on that cannot be read as YAML`;
  return [...problems, { code: 'S103', message, start, end, fatal: true }];
}

/** A tag or directive: a scenario is plain data. */
function strange(text: string, start: number, end: number): Problem {
  const word = /^[^\s,[\]{}]*/.exec(text.slice(start, Math.min(end, start + MAX_SHOWN)))?.[0] ?? '';
  const kind = word.startsWith('%') ? 'directive' : 'tag';
  return { code: 'S107', message: `the ${kind} ${word} is not read here`, expected: 'plain values', start, end };
}

const BOMB = {
  code: 'S105',
  message: `more than ${MAX_NODES} values after aliases are followed`,
  expected: `at most ${MAX_NODES} values`,
  fatal: true,
};

/** Turns the document into data, once, counting what aliases expand to. */
class Walk {
  readonly problems: Problem[] = [];
  readonly #targets: ReadonlyMap<Alias, Node>;
  #nodes = 0;
  #isSpent = false;
  /** How many were found, by code, and the first of those that are not said. */
  readonly #found = new Map<string, number>();
  readonly #more = new Map<string, Problem>();

  constructor(document: Document.Parsed) {
    this.#targets = targetsOf(document);
  }

  read(node: Node | null, depth: number): { value: unknown; node: SourceNode } {
    const [start, end] = [node?.range?.[0] ?? 0, node?.range?.[1] ?? 0];
    this.#nodes++;
    if (this.#nodes > MAX_NODES) return this.#refuse({ ...BOMB, start, end });
    if (depth > MAX_DEPTH) return this.#refuse({ ...NESTED, start, end });
    if (!isAlias(node) && STRANGE_TAG.test(node?.tag ?? '')) return this.#strange(String(node?.tag), { start, end });
    if (isAlias(node)) return this.#alias(this.#targets.get(node), { start, end }, depth);
    if (isMap(node)) return this.#map(node.items as Pair<Node, Node | null>[], { start, end }, depth);
    if (isSeq(node)) return this.#list(node.items as Node[], { start, end }, depth);
    return { value: isScalar(node) ? scalarValue(node.value) : null, node: { start, end } };
  }

  #strange(tag: string, range: { start: number; end: number }): { value: unknown; node: SourceNode } {
    const message = `the tag ${tag.replace(/^.*:/, '!!')} is not read here`;
    this.#add({ code: 'S107', message, expected: 'plain values', ...range });
    return { value: null, node: range };
  }

  #alias(
    target: Node | undefined,
    range: { start: number; end: number },
    depth: number,
  ): { value: unknown; node: SourceNode } {
    if (target === undefined)
      return this.#refuse({ code: 'S103', message: 'an alias names no anchor above it', ...range, fatal: true });
    const { value, node } = this.read(target, depth + 1);
    return { value, node: { ...node, ...range } };
  }

  #map(
    items: Pair<Node, Node | null>[],
    range: { start: number; end: number },
    depth: number,
  ): { value: unknown; node: SourceNode } {
    const value: Record<string, unknown> = {};
    const children = new Map<string, SourceNode>();
    for (const { key, value: child } of items) {
      const keyRange = { start: key.range?.[0] ?? range.start, end: key.range?.[1] ?? range.start };
      const name = keyText(key);
      if (name === null) {
        this.#add({ code: 'S107', message: 'a key must be plain text', ...keyRange });
        continue;
      }
      if (children.has(name)) this.#add(twice(name, keyRange));
      const read = this.read(child, depth + 1);
      // An empty value has no text: it stands where its key stands.
      const place =
        child?.range === undefined || child.range === null || child.range[0] === child.range[1] ? keyRange : read.node;
      value[name] = read.value;
      children.set(name, { ...read.node, start: place.start, end: place.end, key: keyRange });
      if (this.#isSpent) break;
    }
    return { value, node: { ...range, children } };
  }

  /** Of many of one kind the first are said, then how many more there are. */
  #add(problem: Problem): void {
    const found = (this.#found.get(problem.code) ?? 0) + 1;
    this.#found.set(problem.code, found);
    if (found <= MAX_SYNTAX_MISTAKES) this.problems.push(problem);
    else if (found === MAX_SYNTAX_MISTAKES + 1) this.#more.set(problem.code, { ...problem });
  }

  #list(items: Node[], range: { start: number; end: number }, depth: number): { value: unknown; node: SourceNode } {
    const children = new Map<number, SourceNode>();
    const value: unknown[] = [];
    for (const item of items) {
      const read = this.read(item, depth + 1);
      children.set(value.length, read.node);
      value.push(read.value);
      if (this.#isSpent) break;
    }
    return { value, node: { ...range, children } };
  }

  #refuse(problem: Problem): { value: unknown; node: SourceNode } {
    if (!this.#isSpent) this.problems.push(problem);
    this.#isSpent = true;
    return { value: null, node: { start: problem.start, end: problem.end } };
  }

  /** Said last: how many more there are of each kind. */
  finish(): readonly Problem[] {
    for (const [code, problem] of this.#more) {
      const more = (this.#found.get(code) ?? 0) - MAX_SYNTAX_MISTAKES;
      this.problems.push({ ...problem, message: `${problem.message}, and ${more - 1} more from here on` });
    }
    return this.problems;
  }
}

/** What each alias stands for: the last node above it with that anchor. */
function targetsOf(document: Document.Parsed): Map<Alias, Node> {
  const anchored = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchored.set(node.anchor, node);
        return;
      }
      const target = anchored.get(node.source);
      if (target !== undefined) targets.set(node, target);
    },
  });
  return targets;
}

/** Keys are text as written (`1.10` stays `1.10`); null for maps, lists and the one name that is not a plain property. */
function keyText(key: Node): string | null {
  if (!isScalar(key)) return null;
  const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
  return name === '__proto__' || name === '' ? null : name;
}

function scalarValue(value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const exact = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return exact ? Number(value) : value.toString();
}

/** It can still be read: the last one counts. */
function twice(name: string, range: { start: number; end: number }): Problem {
  const message = `the ${/^[\w-]+$/.test(name) ? `key ${name}` : 'same key'} stands twice in this map`;
  return { code: 'S104', message, expected: 'each key once', ...range };
}

interface SyntaxFault {
  code: string;
  message: string;
  pos: [number, number];
}

function yamlProblem({ code, message, pos: [start, end] }: SyntaxFault): Problem {
  if (code === 'MULTIPLE_DOCS') {
    return { code: 'S103', message: 'a second document begins here', expected: 'one document', start, end };
  }
  return { code: 'S103', message: `not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, start, end };
}

function mistakeAt(places: Places, { code, message, expected, start, end }: Problem): Mistake {
  const mistake: Mistake = { code, severity: 'mistake', ...places.range(start, end), path: '', message };
  return expected === undefined ? mistake : { ...mistake, expected };
}
