import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { int64 } from '../../src/data/int64-halves.ts';
import {
  MAX_TOKEN,
  MIN_TOKEN,
  canonicalMurmur3,
  cassandraMurmur3,
  murmur3Token,
  tokensOfBigintKeys,
} from '../../src/data/murmur3.ts';

const MASK = 0xffffffffffffffffn;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const first = (words: readonly number[]): bigint => int64(words[0], words[1]);
const second = (words: readonly number[]): bigint => int64(words[2], words[3]);

/** MurmurHash3_x64_128 written down with BigInt, without any of the tricks of the code under test. */
function naive(key: Uint8Array, seed: bigint, signed: boolean): [bigint, bigint] {
  const c1 = 0x87c37b91114253d5n;
  const c2 = 0x4cf5ad432745937fn;
  const turn = (value: bigint, bits: bigint): bigint => ((value << bits) | (value >> (64n - bits))) & MASK;
  const scramble1 = (k: bigint): bigint => (turn((k * c1) & MASK, 31n) * c2) & MASK;
  const scramble2 = (k: bigint): bigint => (turn((k * c2) & MASK, 33n) * c1) & MASK;
  const word = (from: number, to: number, sign: boolean): bigint => {
    let k = 0n;
    for (let i = from; i < to; i += 1) {
      const byte = BigInt(sign ? (key[i] << 24) >> 24 : key[i]);
      k ^= (byte << BigInt(8 * (i - from))) & MASK;
    }
    return k;
  };
  let h1 = seed;
  let h2 = seed;
  const blocks = key.length >> 4;
  for (let block = 0; block < blocks; block += 1) {
    h1 ^= scramble1(word(16 * block, 16 * block + 8, false));
    h1 = ((turn(h1, 27n) + h2) * 5n + 0x52dce729n) & MASK;
    h2 ^= scramble2(word(16 * block + 8, 16 * block + 16, false));
    h2 = ((turn(h2, 31n) + h1) * 5n + 0x38495ab5n) & MASK;
  }
  const tail = blocks * 16;
  if (key.length - tail > 8) h2 ^= scramble2(word(tail + 8, key.length, signed));
  if (key.length > tail) h1 ^= scramble1(word(tail, Math.min(key.length, tail + 8), signed));
  const finish = (k: bigint): bigint => {
    k = ((k ^ (k >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
    k = ((k ^ (k >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
    return k ^ (k >> 33n);
  };
  h1 ^= BigInt(key.length);
  h2 ^= BigInt(key.length);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  return [BigInt.asIntN(64, h1), BigInt.asIntN(64, h2)];
}

describe('murmur3Token (cassandra.a1, a2)', () => {
  const vectors: [string, Uint8Array, bigint][] = [
    ['"123"', bytes('123'), -7468325962851647638n],
    ['00ff10fa99 x 10', hex('00ff10fa99'.repeat(10)), 5837342703291459765n],
    ['fe x 8', hex('fe'.repeat(8)), -8927430733708461935n],
    ['10 x 8', hex('10'.repeat(8)), 1446172840243228796n],
    ['"9223372036854775807"', bytes('9223372036854775807'), 7162290910810015547n],
    ['int 1', hex('00000001'), -4069959284402364209n],
    ['int 2', hex('00000002'), -3248873570005575792n],
    ['int -1', hex('ffffffff'), 7297452126230313552n],
    ['"foo"', bytes('foo'), -2129773440516405919n],
  ];
  it.each(vectors)('%s', (_name, key, token) => {
    expect(murmur3Token(key)).toBe(token);
  });

  it('gives the minimum to the empty key only', () => {
    expect(murmur3Token(new Uint8Array(0))).toBe(MIN_TOKEN);
  });

  it('differs from the canonical hash where a tail byte is 0x80 or more', () => {
    expect(first(canonicalMurmur3(hex('ffffffff'), 0))).toBe(4889297221962843713n);
    expect(first(canonicalMurmur3(hex('fe'.repeat(8)), 0))).not.toBe(-8927430733708461935n);
    expect(first(canonicalMurmur3(bytes('foo'), 0))).toBe(-2129773440516405919n);
  });

  it('equals a naive BigInt version, both variants, all lengths', () => {
    const key = fc.uint8Array({ maxLength: 50 });
    fc.assert(
      fc.property(key, fc.integer({ min: 0, max: 0x7fffffff }), (data, seed) => {
        const cassandra = cassandraMurmur3(data);
        expect([first(cassandra), second(cassandra)]).toEqual(naive(data, 0n, true));
        const canonical = canonicalMurmur3(data, seed);
        expect([first(canonical), second(canonical)]).toEqual(naive(data, BigInt(seed), false));
      }),
      { numRuns: 400 },
    );
  });
});

describe('tokensOfBigintKeys', () => {
  it('equals murmur3Token of the eight bytes', () => {
    const count = 70_000;
    const high = new Int32Array(count);
    const low = new Uint32Array(count);
    tokensOfBigintKeys(count, high, low);
    const key = new Uint8Array(8);
    const view = new DataView(key.buffer);
    for (let number = 0; number < count; number += number < 1000 || number > 65_000 ? 1 : 97) {
      view.setBigInt64(0, BigInt(number));
      const token = murmur3Token(key);
      if (int64(high[number], low[number]) !== token) expect.fail(`key ${number}`);
      expect(token <= MAX_TOKEN).toBe(true);
    }
  });
});
