/** Schema of `operations:`, by the discriminator `do`: what people do to a running cluster. Shapes only. */
import { z } from 'zod';
import { duration, selector, text, time } from './leaves.ts';
import { add, alter, remove, replace } from './topology.ts';

const nodetool = z.strictObject({
  do: z.literal('nodetool'),
  node: selector.optional(),
  nodes: selector.optional(),
  run: text.describe('the command as an operator types it, such as compact shop orders'),
  at: time,
  every: duration.optional(),
});

export const operation = z.discriminatedUnion('do', [nodetool, alter, add, replace, remove]);
