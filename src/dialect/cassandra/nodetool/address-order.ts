/**
 * The order in which imported nodes are numbered: by address, IPv4 first and numerically octet by octet, then IPv6 group
 * by group, then host names, in which runs of digits count as numbers. It depends on nothing but the addresses: neither on the
 * order of the files nor on who owns the smallest token.
 */

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?::(\d{1,5}))?$/;
const GROUPS = 8;

/** Negative where `left` comes first. Addresses that differ never compare as equal. */
export function compareAddresses(left: string, right: string): number {
  const [a, b] = [addressKey(left), addressKey(right)];
  if (a.kind !== b.kind) return a.kind - b.kind;
  return compareParts(a.parts, b.parts) || (left < right ? -1 : left > right ? 1 : 0);
}

interface AddressKey {
  /** 0 IPv4, 1 IPv6, 2 a name. */
  kind: number;
  parts: readonly (number | string)[];
}

function addressKey(address: string): AddressKey {
  const octets = IPV4.exec(address);
  if (octets !== null) return { kind: 0, parts: octets.slice(1).map((text) => Number(text ?? 0)) };
  const groups = groupsOf(address);
  if (groups !== null) return { kind: 1, parts: groups };
  const words = address.toLowerCase().match(/\d{1,15}|\D+/g) ?? [];
  return { kind: 2, parts: words.map((word) => (/^\d/.test(word) ? Number(word) : word)) };
}

/** The eight groups of an IPv6 address, `::` filled with zeros, and its port; null for anything else. */
function groupsOf(address: string): number[] | null {
  const [, inner = address, port = '0'] = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(address) ?? [];
  const [text = ''] = inner.split('%');
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(':')) return null;
  const [head = '', tail] = text.split('::');
  const [front, back] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const missing = GROUPS - front.length - back.length;
  if (missing < 0) return null;
  const zeros = new Array<string>(tail === undefined ? 0 : missing).fill('0');
  const groups = [...front, ...zeros, ...back].map((group) => parseInt(group, 16));
  return groups.length === GROUPS ? [...groups, Number(port)] : null;
}

function compareParts(left: readonly (number | string)[], right: readonly (number | string)[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [a, b] = [left[index], right[index]];
    if (a === b) continue;
    if (typeof a === typeof b) return a < b ? -1 : 1;
    return typeof a === 'number' ? -1 : 1;
  }
  return left.length - right.length;
}
