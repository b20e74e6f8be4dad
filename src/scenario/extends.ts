/**
 * `extends`: a scenario on top of another, or of several one behind the other. Maps are merged key by key, so entries by their
 * id; anything else is replaced, and null removes. Each value keeps its place in the file where it stands; files that a base
 * names are read from the base's own folder. Works on plain data; what the whole means is checked afterwards.
 */
import type { Mistake } from '../base/mistake.ts';
import { folderOf, joinPath } from './file-path.ts';
import type { ReadFile } from './load-options.ts';
import { isRecord } from './places.ts';
import { Places } from './places.ts';
import type { Path, SourceNode } from './places.ts';
import { mergesWith } from './extends-shape.ts';
import type { SourceText } from './source-text.ts';
import { readYaml } from './yaml-source.ts';
import type { YamlSource } from './yaml-source.ts';

/** Longer chains are a slip, and nobody could follow them. */
const MAX_FILES = 10;

interface Part {
  value: Record<string, unknown>;
  node: SourceNode;
  /** Of what in `node` names no other. */
  source: SourceText;
}

/** The scenario as a whole. Without data where a base cannot be read: everything would seem to be missing. */
export function withBases(top: YamlSource, read: ReadFile): YamlSource {
  if (!isRecord(top.data) || !Object.hasOwn(top.data, 'extends')) return top;
  const chain = [top];
  const mistakes = [...top.mistakes];
  const names = [joinPath('', top.places.file.replace(/^.*[/\\]/, ''))];
  for (let current = top; isRecord(current.data) && ownBase(current.data) !== null; current = chain[chain.length - 1]) {
    const next = readBase(current, { names, read });
    mistakes.push(...('places' in next ? next.mistakes : [next]));
    if (!('places' in next) || !isRecord(next.data)) return { ...top, data: undefined, mistakes };
    chain.push(next);
  }
  return { ...mergeChain(chain), mistakes };
}

function ownBase(data: Record<string, unknown>): unknown {
  return Object.hasOwn(data, 'extends') ? data['extends'] : null;
}

interface Chain {
  /** Of the files so far, from the scenario's folder. */
  names: string[];
  read: ReadFile;
}

function readBase({ data, places }: YamlSource, { names, read }: Chain): YamlSource | Mistake {
  const refuse = (code: string, message: string, expected: string): Mistake => ({
    ...{ code, severity: 'mistake', ...places.at(['extends']), path: 'extends', message, expected },
  });
  const written = isRecord(data) ? ownBase(data) : null;
  if (typeof written !== 'string' || written === '')
    return refuse('S110', 'extends names no file', 'a scenario, its path relative to this file');
  const name = joinPath(folderOf(names[names.length - 1]), written);
  if (names.includes(name))
    return refuse(
      'S155',
      `extends in a circle: ${[...names, name].join(' → ')}`,
      'a file that does not lead back here',
    );
  if (names.length === MAX_FILES)
    return refuse('S155', `a chain of more than ${MAX_FILES} files`, `at most ${MAX_FILES}`);
  const found = read(name);
  if ('error' in found)
    return refuse('S154', `${name} cannot be read: ${found.error}`, 'a scenario, its path relative to this file');
  names.push(name);
  const base = readYaml(name, found.text);
  if (!isRecord(base.data) && base.mistakes.length === 0)
    return refuse('S106', `${name} is not a scenario: it holds no map`, 'a YAML file with keys of a scenario');
  return base;
}

function mergeChain(chain: readonly YamlSource[]): { data: unknown; places: Places } {
  const parts = chain.map(({ data, places }): Part => {
    const folder = folderOf(places.file === chain[0].places.file ? '' : places.file);
    const value = withFilesFrom(folder, data as Record<string, unknown>);
    return { value, node: places.root ?? { start: 0, end: 0 }, source: places.source };
  });
  const merged = parts.reduceRight((base, own) => mergeMaps(base, own, []));
  delete merged.value['extends'];
  return { data: merged.value, places: new Places(merged.source, '', merged.node) };
}

function mergeMaps(base: Part, own: Part, path: Path): Part {
  const value: Record<string, unknown> = {};
  const children = new Map<string | number, SourceNode>();
  const put = (key: string, from: Part, found: Part | null): void => {
    const node = found?.node ?? from.node.children?.get(key);
    value[key] = found === null ? from.value[key] : found.value;
    if (node !== undefined)
      children.set(key, from === own || node.source !== undefined ? node : { ...node, source: from.source });
  };
  for (const key of Object.keys(base.value)) if (!Object.hasOwn(own.value, key)) put(key, base, null);
  for (const key of Object.keys(own.value)) {
    if (own.value[key] === null && Object.hasOwn(base.value, key) && !isVariantEdit(path)) continue;
    put(key, own, mergedMember({ base, own, key }, path));
  }
  return { value: inOrder(value, base.value), node: { ...own.node, children }, source: own.source };
}

/** The member of both, where they are maps that go together. */
function mergedMember({ base, own, key }: { base: Part; own: Part; key: string }, path: Path): Part | null {
  const at = [...path, key];
  const [below, above] = [partOf(base, key), partOf(own, key)];
  if (below === null || above === null || isVariantEdit(path)) return null;
  return mergesWith(below.value, above.value, at) ? mergeMaps(below, above, at) : null;
}

function partOf({ value, node, source }: Part, key: string): Part | null {
  const member = Object.hasOwn(value, key) ? value[key] : undefined;
  const child = node.children?.get(key);
  return isRecord(member) && child !== undefined
    ? { value: member, node: child, source: child.source ?? source }
    : null;
}

/** There null is said to the scenario that is edited, and a value is one value. */
function isVariantEdit(path: Path): boolean {
  return path.length === 3 && path[0] === 'variants' && path[2] === 'edit';
}

/** What the base has comes first, in the base's order. */
function inOrder(value: Record<string, unknown>, base: Record<string, unknown>): Record<string, unknown> {
  const first = Object.keys(base).filter((key) => Object.hasOwn(value, key));
  const rest = Object.keys(value).filter((key) => !Object.hasOwn(base, key));
  return Object.fromEntries([...first, ...rest].map((key) => [key, value[key]]));
}

/** The data with the files that it names as they are called from the scenario's folder. */
function withFilesFrom(folder: string, data: Record<string, unknown>): Record<string, unknown> {
  if (folder === '') return data;
  const moved = (name: unknown): unknown => (typeof name === 'string' ? joinPath(folder, name) : name);
  const movedAt = (map: unknown, key: string): unknown =>
    isRecord(map) && Object.hasOwn(map, key) ? { ...map, [key]: moved(map[key]) } : map;
  const whole = { ...data };
  if (isRecord(data['cluster'])) {
    const cluster = { ...data['cluster'] };
    const { from, settings } = cluster;
    if (from !== undefined) cluster['from'] = Array.isArray(from) ? from.map(moved) : moved(from);
    if (settings !== undefined) cluster['settings'] = movedAt(settings, 'from');
    whole['cluster'] = cluster;
  }
  if (isRecord(data['workload']))
    whole['workload'] = Object.fromEntries(
      Object.entries(data['workload']).map(([id, entry]) => [
        id,
        isRecord(entry) && isRecord(entry['rate']) ? { ...entry, rate: movedAt(entry['rate'], 'csv') } : entry,
      ]),
    );
  return whole;
}
