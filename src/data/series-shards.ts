/**
 * Which shard of a group a series belongs to: FNV-1a, 64 bits, of the series key, modulo the number of shards
 * (influxdb.1, "Shard within group"). A series key is the measurement and its sorted tags as line protocol writes them.
 */

const PRIME_LOW = 0x1b3;
const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
const TWO_TO_32 = 4294967296;

export interface Hash64 {
  /** Unsigned halves. */
  high: number;
  low: number;
}

export function fnv1a64(bytes: Uint8Array): Hash64 {
  let high = OFFSET_HIGH;
  let low = OFFSET_LOW;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    // The prime is 2^40 + 0x1b3: both products modulo 2^64, of halves below 2^32.
    const lowProduct = low * PRIME_LOW;
    const carry = Math.floor(lowProduct / TWO_TO_32);
    const shifted = (low << 8) >>> 0;
    high = (Math.imul(high, PRIME_LOW) + carry + shifted) >>> 0;
    low = lowProduct >>> 0;
  }
  return { high, low };
}

/** 0 to shards - 1. */
export function shardOfSeries(key: string, shards: number): number {
  const { high, low } = fnv1a64(new TextEncoder().encode(key));
  return Number(((BigInt(high) << 32n) | BigInt(low)) % BigInt(shards));
}

/** The key of the n-th series of a set: `{n}` in the template is its number. */
export function seriesKey(template: string, series: number): string {
  return template.replaceAll('{n}', String(series));
}

/** Smallest number of shards in a group for which every node owns as many copies as the others (influxdb.1). */
export function shardsPerGroup(nodes: number, replication: number): number {
  const copies = Math.min(nodes, replication);
  for (let shards = 1; ; shards += 1) if ((shards * copies) % nodes === 0) return shards;
}
