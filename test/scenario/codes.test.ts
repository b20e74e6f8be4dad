/** The registry of codes and the reader's source say the same. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MISTAKE_CODES } from '../../src/base/mistake-codes.ts';

const folder = new URL('../../src/scenario/', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
// YAML is read for dialects, too: below the reader.
const text = [...sources, '../base/yaml-guards.ts']
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n');
const used = [...new Set([...text.matchAll(/'([SEP]\d{3})'/g)].map((match) => match[1]))];

describe('the registry of mistakes', () => {
  it('has every code that the reader uses, and no other', () => {
    expect(used.sort()).toEqual(Object.keys(MISTAKE_CODES).sort());
  });
});
