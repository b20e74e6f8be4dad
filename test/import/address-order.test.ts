import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareAddresses } from '../../src/dialect/cassandra/nodetool/address-order.ts';

describe('the order of addresses', () => {
  it('is numeric per octet and per group, with names last', () => {
    const inOrder = [
      '9.0.0.1',
      '10.0.0.2',
      '10.0.0.2:7000',
      '10.0.0.2:7001',
      '10.0.0.10',
      '10.0.2.1',
      '10.0.10.1',
      '::1',
      '2001:db8::9',
      '2001:db8::10',
      '[2001:db8::10]:7000',
      '2001:db8:0:1::',
      'cassandra-2.example.org',
      'cassandra-10.example.org',
      'db-1',
    ];
    expect([...inOrder].reverse().sort(compareAddresses)).toEqual(inOrder);
  });

  it('is an order: total, antisymmetric and transitive', () => {
    const octet = fc.integer({ min: 0, max: 300 });
    const address = fc.oneof(
      fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.')),
      fc.ipV6(),
      fc.stringMatching(/^[a-z0-9.:-]{1,8}$/),
    );
    fc.assert(
      fc.property(address, address, address, (a, b, c) => {
        expect(Math.sign(compareAddresses(a, b))).toBe(-Math.sign(compareAddresses(b, a)) + 0);
        expect(compareAddresses(a, b) === 0).toBe(a === b);
        if (compareAddresses(a, b) <= 0 && compareAddresses(b, c) <= 0)
          expect(compareAddresses(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
