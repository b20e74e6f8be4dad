/** Schema of the operations that change who replicates what: `do: alter`, `add`, `replace`, `remove`. Shapes only. */
import { z } from 'zod';
import { replication } from './cluster.ts';
import { nodeName, time } from './leaves.ts';

const token = z.union([z.string().regex(/^-?\d+$/), z.number().int()]).describe('a Murmur3 token, a whole number');
const tokens = z.union([token, z.array(token).min(1)]).describe('the tokens of the new node');

export const alter = z.strictObject({
  do: z.literal('alter'),
  keyspace: z.string(),
  replication,
  at: time,
});

export const add = z.strictObject({
  do: z.literal('add'),
  node: nodeName.describe('the id of the new node: letters, digits, dots and dashes'),
  dc: z.string().optional(),
  rack: nodeName.optional(),
  tokens: tokens.optional(),
  at: time,
});

export const replace = z.strictObject({
  do: z.literal('replace'),
  node: z.string().describe('the node that is down'),
  with: nodeName.describe('the id of the node that takes its place: letters, digits, dots and dashes'),
  rack: nodeName.optional(),
  at: time,
});

export const remove = z.strictObject({
  do: z.literal('remove'),
  node: z.string().describe('the node that is down'),
  at: time,
});
