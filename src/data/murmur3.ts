/**
 * MurmurHash3_x64_128 as Cassandra computes it for partition keys, as the rest of the world does (for digests), and the
 * tokens of Murmur3Partitioner. Cassandra sign-extends the bytes of the tail (the last length mod 16 bytes), so keys
 * with a tail byte of 0x80 or more differ from the canonical hash (cassandra.a2). Tokens: cassandra.a1.
 */
import { addHigh, int64, multiplyHigh, rotateHalf } from './int64-halves.ts';

/** The smallest token; no key but the empty one has it. */
export const MIN_TOKEN = -0x8000000000000000n;
export const MAX_TOKEN = 0x7fffffffffffffffn;

const C1_HIGH = 0x87c37b91 | 0;
const C1_LOW = 0x114253d5 | 0;
const C2_HIGH = 0x4cf5ad43 | 0;
const C2_LOW = 0x2745937f | 0;
const MIX1_HIGH = 0xff51afd7 | 0;
const MIX1_LOW = 0xed558ccd | 0;
const MIX2_HIGH = 0xc4ceb9fe | 0;
const MIX2_LOW = 0x1a85ec53 | 0;

/** The four words of a hash: high and low of the first 64 bits, high and low of the second. */
export type Murmur3Words = [firstHigh: number, firstLow: number, secondHigh: number, secondLow: number];

/** Token of a partition key; the empty key gets the minimum (cassandra.a1). */
export function murmur3Token(key: Uint8Array): bigint {
  if (key.length === 0) return MIN_TOKEN;
  const words = cassandraMurmur3(key);
  const hash = int64(words[0], words[1]);
  return hash === MIN_TOKEN ? MAX_TOKEN : hash;
}

/** Cassandra's variant, seed 0. */
export function cassandraMurmur3(key: Uint8Array): Murmur3Words {
  return murmur3(key, 0, true);
}

/** The published algorithm, as in stock libraries; the seed is an unsigned 32-bit integer. */
export function canonicalMurmur3(key: Uint8Array, seed: number): Murmur3Words {
  return murmur3(key, seed, false);
}

/** Tokens of the keys 0 … n − 1 as 8-byte big-endian bigints, into (signed high, unsigned low) pairs. */
export function tokensOfBigintKeys(count: number, high: Int32Array, low: Uint32Array): void {
  for (let start = 0; start < count; start += 16384) tokensOfChunk(start, Math.min(count, start + 16384), high, low);
}

// In chunks, because one long call would stay in the slow tier of a just-in-time compiler.
function tokensOfChunk(start: number, end: number, high: Int32Array, low: Uint32Array): void {
  for (let key = start; key < end; key += 1) {
    // Byte i of the tail is shifted by 8 i bits. Keys below 2^31 have four zero bytes first, then their own from the
    // top: the word's low half is 0 and the high half holds the bytes in reverse, each sign-extended upwards.
    const kHigh = tailHalf(key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255);
    // h1 = scramble(k1) ^ 8, h2 = 8 (seed 0, length 8); then the usual finish, of which only h1 is wanted.
    const mixedHigh = scrambleFirstHigh(kHigh, 0);
    const mixedLow = scrambleFirstLow(kHigh, 0) ^ 8;
    const h1High = addHigh(mixedHigh, mixedLow, 0, 8);
    const h1Low = (mixedLow + 8) | 0;
    const h2High = addHigh(h1High, h1Low, 0, 8);
    const h2Low = (h1Low + 8) | 0;
    const f1Low = finishLow(h1High, h1Low);
    const f2Low = finishLow(h2High, h2Low);
    const tokenHigh = addHigh(finishHigh(h1High, h1Low), f1Low, finishHigh(h2High, h2Low), f2Low);
    const tokenLow = (f1Low + f2Low) | 0;
    const isMin = tokenHigh === (0x80000000 | 0) && tokenLow === 0;
    high[key] = isMin ? 0x7fffffff : tokenHigh;
    low[key] = isMin ? 0xffffffff : tokenLow;
  }
}

/** Four tail bytes, lowest first, XORed together sign-extended. */
function tailHalf(byte0: number, byte1: number, byte2: number, byte3: number): number {
  return ((byte0 << 24) >> 24) ^ (((byte1 << 24) >> 24) << 8) ^ (((byte2 << 24) >> 24) << 16) ^ (byte3 << 24);
}

function murmur3(key: Uint8Array, seed: number, signExtended: boolean): Murmur3Words {
  const hash: Murmur3Words = [0, seed | 0, 0, seed | 0];
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const blockCount = key.length >>> 4;
  for (let block = 0; block < blockCount; block += 1) mixBlock(hash, view, block * 16);
  mixTail(hash, key.subarray(blockCount * 16), signExtended);
  finish(hash, key.length);
  return hash;
}

function mixBlock(hash: Murmur3Words, view: DataView, offset: number): void {
  mixFirst(hash, view.getInt32(offset + 4, true), view.getInt32(offset, true));
  // h1 = rotl(h1, 27) + h2, times 5, plus 0x52dce729
  let high = rotateHalf(hash[0], hash[1], 27);
  let low = rotateHalf(hash[1], hash[0], 27);
  high = addHigh(high, low, hash[2], hash[3]);
  low = (low + hash[3]) | 0;
  timesFivePlus(hash, 0, high, low, 0x52dce729);
  mixSecond(hash, view.getInt32(offset + 12, true), view.getInt32(offset + 8, true));
  // h2 = rotl(h2, 31) + h1, times 5, plus 0x38495ab5
  high = rotateHalf(hash[2], hash[3], 31);
  low = rotateHalf(hash[3], hash[2], 31);
  high = addHigh(high, low, hash[0], hash[1]);
  low = (low + hash[1]) | 0;
  timesFivePlus(hash, 2, high, low, 0x38495ab5);
}

function timesFivePlus(hash: Murmur3Words, at: 0 | 2, high: number, low: number, constant: number): void {
  const productLow = Math.imul(low, 5);
  hash[at] = addHigh(multiplyHigh(high, low, 0, 5), productLow, 0, constant);
  hash[at + 1] = (productLow + constant) | 0;
}

function mixTail(hash: Murmur3Words, tail: Uint8Array, signExtended: boolean): void {
  if (tail.length > 8) mixTailHalf(hash, tail.subarray(8), signExtended, mixSecond);
  if (tail.length > 0) mixTailHalf(hash, tail.subarray(0, 8), signExtended, mixFirst);
}

function mixTailHalf(hash: Murmur3Words, bytes: Uint8Array, signExtended: boolean, mix: typeof mixFirst): void {
  let high = 0;
  let low = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = signExtended ? (bytes[index] << 24) >> 24 : bytes[index];
    if (index >= 4) high ^= byte << (8 * (index - 4));
    else {
      low ^= byte << (8 * index);
      // cassandra.a2: the sign of a low byte fills all bits above it, those of the high half too.
      if (byte < 0) high ^= -1;
      else if (index > 0) high ^= byte >>> (32 - 8 * index);
    }
  }
  mix(hash, high, low);
}

/** h1 ^= scrambled k1 */
function mixFirst(hash: Murmur3Words, kHigh: number, kLow: number): void {
  hash[0] ^= scrambleFirstHigh(kHigh, kLow);
  hash[1] ^= scrambleFirstLow(kHigh, kLow);
}

/** h2 ^= k2 × c2, rotated by 33, × c1 */
function mixSecond(hash: Murmur3Words, kHigh: number, kLow: number): void {
  const high = multiplyHigh(kHigh, kLow, C2_HIGH, C2_LOW);
  const low = Math.imul(kLow, C2_LOW);
  // A rotation by 33 swaps the halves and rotates by one.
  const turnedHigh = rotateHalf(low, high, 1);
  const turnedLow = rotateHalf(high, low, 1);
  hash[2] ^= multiplyHigh(turnedHigh, turnedLow, C1_HIGH, C1_LOW);
  hash[3] ^= Math.imul(turnedLow, C1_LOW);
}

/** High half of k1 × c1, rotated by 31, × c2. */
function scrambleFirstHigh(kHigh: number, kLow: number): number {
  const high = multiplyHigh(kHigh, kLow, C1_HIGH, C1_LOW);
  const low = Math.imul(kLow, C1_LOW);
  return multiplyHigh(rotateHalf(high, low, 31), rotateHalf(low, high, 31), C2_HIGH, C2_LOW);
}

function scrambleFirstLow(kHigh: number, kLow: number): number {
  const high = multiplyHigh(kHigh, kLow, C1_HIGH, C1_LOW);
  const low = Math.imul(kLow, C1_LOW);
  return Math.imul(rotateHalf(low, high, 31), C2_LOW);
}

function finish(hash: Murmur3Words, length: number): void {
  hash[1] ^= length;
  hash[3] ^= length;
  addTo(hash, 0, 2);
  addTo(hash, 2, 0);
  finishWord(hash, 0);
  finishWord(hash, 2);
  addTo(hash, 0, 2);
  addTo(hash, 2, 0);
}

function addTo(hash: Murmur3Words, at: 0 | 2, other: 0 | 2): void {
  hash[at] = addHigh(hash[at], hash[at + 1], hash[other], hash[other + 1]);
  hash[at + 1] = (hash[at + 1] + hash[other + 1]) | 0;
}

function finishWord(hash: Murmur3Words, at: 0 | 2): void {
  const high = hash[at];
  const low = hash[at + 1];
  hash[at] = finishHigh(high, low);
  hash[at + 1] = finishLow(high, low);
}

/** High half of the final avalanche: k ^= k >>> 33, × m1, k ^= k >>> 33, × m2, k ^= k >>> 33 (keeps the high half). */
function finishHigh(high: number, low: number): number {
  const low1 = low ^ (high >>> 1);
  const high2 = multiplyHigh(high, low1, MIX1_HIGH, MIX1_LOW);
  const low2 = Math.imul(low1, MIX1_LOW) ^ (high2 >>> 1);
  return multiplyHigh(high2, low2, MIX2_HIGH, MIX2_LOW);
}

function finishLow(high: number, low: number): number {
  const low1 = low ^ (high >>> 1);
  const high2 = multiplyHigh(high, low1, MIX1_HIGH, MIX1_LOW);
  const low2 = Math.imul(low1, MIX1_LOW) ^ (high2 >>> 1);
  const high3 = multiplyHigh(high2, low2, MIX2_HIGH, MIX2_LOW);
  return Math.imul(low2, MIX2_LOW) ^ (high3 >>> 1);
}
