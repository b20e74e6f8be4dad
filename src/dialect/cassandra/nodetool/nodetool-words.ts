/**
 * What `nodetool ring` and `nodetool status` have in common: sizes in one or two words, "?" for what a node does not
 * know, ownership, and the lines that say nothing about the topology. Source: cassandra.j1, cassandra.j2
 * (`tools/nodetool/Ring`, `tools/nodetool/Status`).
 */

const NUMBER = /^\d+(?:[.,]\d+)?$/;
const UNIT = /^(?:bytes|[KMGTPE]?i?B)$/i;
const ONE_WORD_SIZE = /^(?:\d+(?:[.,]\d+)?(?:bytes|[KMGTPE]?i?B)|\?|NaN)$/i;
const OWNERSHIP = /^(?:\d+(?:[.,]\d+)?%|NaN%?|\?|\ufffd%?)$/;
const NOISE =
  /^(?:Note|Warning|Error|WARN|WARNING|INFO|OpenJDK|Java HotSpot|Picked up |To view status related info|\$ |#)/;

/** The smallest and largest token of Murmur3Partitioner (cassandra.a1). */
export const TOKEN_MIN = -9223372036854775808n;
export const TOKEN_MAX = 9223372036854775807n;

export function isSizeNumber(word: string): boolean {
  return NUMBER.test(word);
}

export function isSizeUnit(word: string): boolean {
  return UNIT.test(word);
}

/** "?" or a number and its unit without a space. */
export function isOneWordSize(word: string): boolean {
  return ONE_WORD_SIZE.test(word);
}

export function isOwnership(word: string): boolean {
  return OWNERSHIP.test(word);
}

/** An integer as nodetool prints tokens; null otherwise. At most 40 digits: RandomPartitioner's have 39. */
export function tokenOf(word: string): bigint | null {
  return /^-?\d{1,40}$/.test(word) ? BigInt(word) : null;
}

export function isMurmur3Token(token: bigint): boolean {
  return token >= TOKEN_MIN && token <= TOKEN_MAX;
}

/** Warnings, notes, comments, the shell's own line: nothing about the topology. */
export function isNoise(line: string): boolean {
  const text = line.trim();
  return text === '' || NOISE.test(text) || /^=+$/.test(text) || /^-{3,}$/.test(text);
}

/** The name in a line `Datacenter: dc1`; null otherwise. */
export function dataCentreOf(line: string): string | null {
  const match = /^\s*Datacenter:\s*(\S.*?)\s*$/.exec(line);
  return match?.[1] ?? null;
}
