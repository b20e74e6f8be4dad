/**
 * Finds the part of a schema that stands for a path of the data, and what it would accept: so that a mistake can name
 * the valid keys and values. The only file that looks inside zod's definitions.
 */
import type { z } from 'zod';
import type { Path } from '../places.ts';
import { isRecord } from '../places.ts';

type Definition = {
  type: string;
  shape?: Record<string, z.ZodType>;
  valueType?: z.ZodType;
  element?: z.ZodType;
  items?: z.ZodType[];
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
  discriminator?: string;
  values?: unknown[];
  entries?: Record<string, string | number>;
};

function definitionOf(schema: z.ZodType): Definition {
  return schema._zod.def;
}

/** Without `optional` and transforms around it. */
function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType, in: input } = definitionOf(schema);
  const inner = innerType ?? input;
  return inner === undefined ? schema : unwrap(inner);
}

/** The branches of a union, flattened; the schema itself where it is none. */
export function branches(schema: z.ZodType): z.ZodType[] {
  const bare = unwrap(schema);
  const { type, options } = definitionOf(bare);
  return type === 'union' && options !== undefined ? options.flatMap(branches) : [bare];
}

/** The schemas that the value at `path` may meet; of a discriminated union only the branch that the data chose. */
export function schemasAt(schema: z.ZodType, data: unknown, path: Path): z.ZodType[] {
  const candidates = chosenBranches(schema, data);
  if (path.length === 0) return candidates;
  const [step, ...rest] = path;
  const child = isRecord(data) || Array.isArray(data) ? (data as Record<string | number, unknown>)[step] : undefined;
  return candidates.flatMap((candidate) => {
    const next = memberSchema(candidate, step);
    return next === undefined ? [] : schemasAt(next, child, rest);
  });
}

function memberSchema(schema: z.ZodType, step: string | number): z.ZodType | undefined {
  const { shape, valueType, element, items } = definitionOf(schema);
  if (typeof step === 'number') return items?.[step] ?? element;
  return shape !== undefined && Object.hasOwn(shape, step) ? shape[step] : valueType;
}

function chosenBranches(schema: z.ZodType, data: unknown): z.ZodType[] {
  const { discriminator } = definitionOf(unwrap(schema));
  const all = branches(schema);
  if (discriminator === undefined || !isRecord(data)) return all;
  const chosen = all.filter((branch) => literalsOf(memberSchema(branch, discriminator)).includes(data[discriminator]));
  return chosen.length > 0 ? chosen : all;
}

/** The keys of a map's schema; null where any key may stand. */
export function keysOf(schema: z.ZodType): string[] | null {
  const { shape } = definitionOf(unwrap(schema));
  return shape === undefined ? null : Object.keys(shape);
}

/** Is this the schema of a map? */
export function isMapSchema(schema: z.ZodType): boolean {
  return ['object', 'record'].includes(definitionOf(unwrap(schema)).type);
}

/** The fixed values that a schema accepts: of a literal or an enumeration, else none. */
export function literalsOf(schema: z.ZodType | undefined): unknown[] {
  if (schema === undefined) return [];
  const { values, entries } = definitionOf(unwrap(schema));
  return values ?? (entries === undefined ? [] : Object.values(entries));
}

export function discriminatorOf(schema: z.ZodType): string | null {
  return definitionOf(unwrap(schema)).discriminator ?? null;
}

/** The sentence that a schema expects, from its description or its values. */
export function expectedText(schema: z.ZodType | undefined): string | undefined {
  if (schema === undefined) return undefined;
  for (let inner: z.ZodType | undefined = schema; inner !== undefined;) {
    if (inner.description !== undefined) return inner.description;
    const definition: Definition = definitionOf(inner);
    inner = definition.innerType ?? definition.in;
  }
  const literals = literalsOf(schema);
  return literals.length > 0 ? literals.join(' | ') : wordFor(unwrap(schema));
}

function wordFor(schema: z.ZodType): string | undefined {
  const { type, options } = definitionOf(schema);
  const words: Record<string, string> = {
    string: 'text',
    number: 'a number',
    boolean: 'true or false',
    array: 'a list',
    tuple: 'a list',
    object: 'a map',
    record: 'a map',
  };
  if (type === 'union' && options !== undefined)
    return [...new Set(options.map(expectedText))].filter((word) => word !== undefined).join(', or ');
  return words[type];
}

/** The schema of a member before its `optional` and transforms are taken off: it may carry the description. */
export function memberOf(schemas: readonly z.ZodType[], step: string | number): z.ZodType | undefined {
  for (const schema of schemas) {
    const member = memberSchema(schema, step);
    if (member !== undefined) return member;
  }
  return undefined;
}
