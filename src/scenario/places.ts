/**
 * Where things stand in a scenario's text: a tree of source ranges beside the plain data, and the collector of
 * mistakes that turns a path into file, line, column and length. Paths that an edit has changed point at the edit.
 */
import type { Mistake } from '../base/mistake.ts';
import type { PlacelessMistake, TextPart } from './dialect-rules.ts';
import { SourceText } from './source-text.ts';
import type { Place } from './source-text.ts';

export type { Place } from './source-text.ts';

export type Path = readonly (string | number)[];

/** Offsets in the text; the children of a map or list by key or index. */
export interface SourceNode {
  start: number;
  end: number;
  key?: { start: number; end: number };
  children?: Map<string | number, SourceNode>;
  /** Where it and what is below it stand in another file than the node above. */
  source?: SourceText;
}

/** The text's places. `root` is null where the data has no text of its own (a plan's embedded scenario). */
export class Places {
  readonly source: SourceText;
  readonly root: SourceNode | null;
  readonly #overrides: { path: Path; place: Place; whole: Path }[] = [];

  constructor(file: string | SourceText, text: string, root: SourceNode | null) {
    this.source = typeof file === 'string' ? new SourceText(file, text) : file;
    this.root = root;
  }

  get file(): string {
    return this.source.file;
  }

  /** The same text, with overrides of its own. */
  fork(): Places {
    const fork = new Places(this.source, '', this.root);
    fork.#overrides.push(...this.#overrides);
    return fork;
  }

  /** From now on everything at or below `path` stands at `place` (an edit wrote it; `whole` is its path where that is longer). */
  override(path: Path, place: Place, whole: Path = path): void {
    this.#overrides.push({ path, place, whole });
  }

  /** The path of the edit that went through here, or ended here; null where the text, or the value of an edit, says so. */
  editThrough(path: Path): Path | null {
    const edit = this.#overrides.findLast(({ path: prefix }) => startsWith(path, prefix));
    return edit !== undefined && startsWith(edit.whole, path) ? edit.whole : null;
  }

  /** The place of a value or of a key; of the nearest ancestor where the path itself has no text. */
  at(path: Path, part: 'key' | 'value' = 'value'): Place {
    const edit = this.#overrides.findLast(({ path: prefix }) => startsWith(path, prefix));
    if (edit !== undefined) return edit.place;
    const { node, source, found } = this.#nodeAt(path);
    if (node === null) return { file: source.file, line: 0, column: 0, length: 0 };
    const range = part === 'key' && found === path.length && node.key !== undefined ? node.key : node;
    return source.range(range.start, range.end);
  }

  /** The place of a part of a plain or quoted text; all of it where the source writes it in another way. */
  within(path: Path, text: string, part: TextPart): Place {
    const whole = this.at(path);
    const { source } = this.#nodeAt(path);
    if (whole.line < 1 || whole.file !== source.file) return whole;
    const start = source.offsetOf(whole);
    const offset = source.text.slice(start, start + whole.length).indexOf(text);
    return offset < 0 ? whole : source.range(start + offset + part.start, start + offset + part.start + part.length);
  }

  /** A range of the text that is not of another file. */
  range(start: number, end: number): Place {
    return this.source.range(start, end);
  }

  /** The nearest that has a text, the file it stands in, and how many steps of the path it is from the top. */
  #nodeAt(path: Path): { node: SourceNode | null; source: SourceText; found: number } {
    let node = this.root;
    let source = node?.source ?? this.source;
    let found = 0;
    for (const step of path) {
      const child: SourceNode | undefined = node?.children?.get(step);
      if (child === undefined) break;
      node = child;
      source = child.source ?? source;
      found++;
    }
    return { node, source, found };
  }
}

/** What is wrong, without where. */
export type Finding = PlacelessMistake & { part?: 'key' | 'value' };

/** Collects everything that is wrong; nothing is thrown. */
export class MistakeList {
  readonly all: Mistake[] = [];
  /** Names of entries that were refused for their own sake: that others refer to them is no second mistake. */
  readonly silenced = new Set<string>();
  /** The steps of a mistake's path, which its text joins. */
  readonly steps = new Map<Mistake, Path>();
  readonly places: Places;

  constructor(places: Places) {
    this.places = places;
  }

  get count(): number {
    return this.all.reduce((count, { severity }) => count + (severity === 'mistake' ? 1 : 0), 0);
  }

  /** `within` is a part of `text`, which stands at the path. */
  add(path: Path, { part, within, ...finding }: Finding, text = ''): void {
    const place = within === undefined ? this.places.at(path, part) : this.places.within(path, text, within);
    const mistake: Mistake = { severity: 'mistake', ...finding, ...place, path: pathText(path) };
    this.all.push(mistake);
    this.steps.set(mistake, path);
  }

  /** Forgets those found since there were `from` of them that `isNone` refuses to count. */
  dropFrom(from: number, isNone: (mistake: Mistake, path: Path) => boolean): void {
    const kept = this.all.slice(from).filter((mistake) => !isNone(mistake, this.steps.get(mistake) ?? []));
    this.all.length = from;
    this.all.push(...kept);
  }

  has({ code, path }: Mistake): boolean {
    return this.all.some((mistake) => mistake.code === code && mistake.path === path);
  }

  /** Adds a mistake that another list has found. */
  take(mistake: Mistake, from: MistakeList): void {
    this.all.push(mistake);
    const steps = from.steps.get(mistake);
    if (steps !== undefined) this.steps.set(mistake, steps);
  }

  warn(path: Path, finding: Finding): void {
    this.add(path, { ...finding, severity: 'warning' });
  }
}

/** A path as `--set` writes it. */
export function pathText(path: Path): string {
  return path.join('.');
}

export function startsWith(path: Path, prefix: Path): boolean {
  return prefix.length <= path.length && prefix.every((step, index) => step === path[index]);
}

/** The value at a path of plain data; undefined where there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
