/**
 * Mixing of integers: 32-bit finalisers with full avalanche, a counter-based draw, a hash of text and a sequential
 * 64-bit hash of words. Only `Math.imul`, shifts and xor, so every engine gives the same bits. Not cryptographic.
 */

/** A bijection of int32 under which each input bit flips each output bit with chance one half. */
export function mix32(value: number): number {
  let word = value ^ (value >>> 16);
  word = Math.imul(word, 0x21f0aaad);
  word ^= word >>> 15;
  word = Math.imul(word, 0x735a2d97);
  return word ^ (word >>> 15);
}

/** Folds `word` into the running hash `seed`; the order of folding matters. */
export function mixInto(seed: number, word: number): number {
  return mix32((Math.imul(seed, 0x9e3779b1) + 0x7f4a7c15) ^ mix32(word ^ 0x2545f491));
}

/** Hash of a text's UTF-16 units, int32. */
export function hashText(text: string, seed = 0): number {
  let hash = mix32(seed ^ text.length);
  for (let index = 0; index < text.length; index++) hash = mixInto(hash, text.charCodeAt(index));
  return hash;
}

/** Eight lower-case hexadecimal digits of an int32. */
export function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** A 64-bit hash of words in order, as two int32 lanes. For text that people compare, such as a digest of a queue. */
export class WordHash {
  #low = 0x243f6a88;
  #high = 0x13198a2e;

  add(word: number): void {
    this.#low = mixInto(this.#low, word);
    this.#high = mixInto(this.#high, word ^ this.#low);
  }

  /** Both halves of a whole number of magnitude below 2^53. */
  addNumber(value: number): void {
    this.add(Math.floor(value / 4_294_967_296));
    this.add(value % 4_294_967_296);
  }

  addText(text: string): void {
    this.add(text.length);
    for (let index = 0; index < text.length; index++) this.add(text.charCodeAt(index));
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    return hex32(this.#high) + hex32(this.#low);
  }
}
