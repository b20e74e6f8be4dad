/** Which two maps of a scenario and its base are one map, by the scenario's shape: entries of one kind, values of one form. */
import type { Path } from './places.ts';
import { scenario } from './schema/scenario.ts';
import { branches, discriminatorOf, isMapSchema, keysOf, memberOf, schemasAt } from './schema/walk.ts';

type Map = Readonly<Record<string, unknown>>;

/**
 * Do both go together? Not an entry of another kind (`fault: crash` over `fault: partition`), and not a value in another form
 * (`{ poisson: 5/s }` over `{ csv: … }`): these replace what was there.
 */
export function mergesWith(base: Map, own: Map, path: Path): boolean {
  const last = path[path.length - 1];
  const schema = memberOf(schemasAt(scenario, {}, path.slice(0, -1)), last);
  if (schema === undefined) return true;
  const kind = last === 'compaction' ? 'class' : discriminatorOf(schema);
  if (kind !== null) return !Object.hasOwn(own, kind) || own[kind] === base[kind];
  const forms = branches(schema).filter(isMapSchema).map(keysOf);
  const all = Object.keys({ ...base, ...own });
  return forms.length < 2 || forms.some((keys) => keys === null || all.every((name) => keys.includes(name)));
}
