import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRing, readRing } from '../../src/dialect/cassandra/nodetool/nodetool-ring.ts';
import { isStatus, readStatus } from '../../src/dialect/cassandra/nodetool/nodetool-status.ts';
import { readNodetoolTopology } from '../../src/dialect/cassandra/nodetool/nodetool-topology.ts';
import { SAME_MISTAKES_MAX } from '../../src/dialect/cassandra/nodetool/import-report.ts';
import { RING_SAMPLE, STATUS_SAMPLE, ringText, sampleNodes, statusText } from './samples.ts';

const ring = (text: string) => ({ path: 'ring.txt', text });
const status = (text: string) => ({ path: 'status.txt', text });
const TWELVE = sampleNodes({ dcs: 2, racks: 3, perRack: 2, vnodes: 16 });
const SMALL = sampleNodes({ dcs: 2, racks: 2, perRack: 1, vnodes: 3 });

describe('nodetool ring', () => {
  it('reads the documented sample', () => {
    const { nodes, mistakes, assumptions } = readNodetoolTopology([ring(RING_SAMPLE)]);
    expect(mistakes).toEqual([]);
    expect(nodes).toEqual([
      { id: 'n01', dc: 'dc1', rack: 'r1', tokens: ['-9171230135642349147'], address: '127.0.0.1' },
      { id: 'n02', dc: 'dc1', rack: 'r2', tokens: ['-6148914691236517206'], address: '127.0.0.2' },
    ]);
    expect(assumptions).toEqual([
      'nodes are numbered by address, octet by octet: n01 = 127.0.0.1, n02 = 127.0.0.2; each may be named by its address too',
    ]);
  });

  it.each([
    ['IPv6', '2001:db8::ff00:42:8329'],
    ['a host name', 'cassandra-17.rack2.example.org'],
    ['a port', '127.0.0.1:7000'],
  ])('reads %s as address', (_, address) => {
    const { nodes, mistakes } = readNodetoolTopology([ring(RING_SAMPLE.replace('127.0.0.1', address))]);
    expect(mistakes).toEqual([]);
    expect(nodes.map((node) => node.address).sort()).toEqual([address, '127.0.0.2'].sort());
  });

  it('numbers nodes by address, octet by octet, wherever they stand in the ring', () => {
    const swapped = RING_SAMPLE.replace('127.0.0.1 ', '127.0.0.10').replace('127.0.0.2 ', '127.0.0.9 ');
    expect(readNodetoolTopology([ring(swapped)]).nodes.map(({ id, address }) => [id, address])).toEqual([
      ['n01', '127.0.0.9'],
      ['n02', '127.0.0.10'],
    ]);
  });

  it.each([
    ['"?" in Load and Owns', '145.84 KiB      100.00% ', '?               ?       '],
    ['a size in bytes', '145.84 KiB', '812 bytes '],
    ['a size in one word', '145.84 KiB', '145.84KiB '],
    ['a decimal comma', '145.84 KiB      100.00% ', '145,84 KiB      100,00% '],
    ['an ownership that is no number', '145.84 KiB      100.00% ', '145.84 KiB      NaN%    '],
  ])('reads %s', (_, before, after) => {
    expect(RING_SAMPLE).toContain(before);
    const { nodes, mistakes } = readNodetoolTopology([ring(RING_SAMPLE.replace(before, after))]);
    expect(mistakes).toEqual([]);
    expect(nodes).toHaveLength(2);
  });

  it('separates a long rack from the status it touches, and keeps spaces inside a rack', () => {
    const touching = RING_SAMPLE.replace('r1          Up', 'us-east-1b-row-12Up').replace(
      'r2          Up',
      'row two     Up',
    );
    expect(readNodetoolTopology([ring(touching)]).nodes.map((node) => node.rack)).toEqual([
      'us-east-1b-row-12',
      'row two',
    ]);
  });

  it('reads CRLF, a byte order mark, a repeated header, a shell prompt and warnings like the plain file', () => {
    const plain = readNodetoolTopology([ring(ringText(SMALL))]);
    const header = 'Address    Rack        Status State   Load            Owns                Token';
    const noisy = `\ufeff$ nodetool ring\nOpenJDK 64-Bit Server VM warning: x\n${ringText(SMALL)}Note: ownership is meaningless\n`;
    const repeated = noisy.replace(/\n(10\.0\.1\S+ )/, `\n${header}\n$1`);
    expect(repeated).not.toBe(noisy);
    expect(readNodetoolTopology([ring(repeated.replaceAll('\n', '\r\n'))])).toEqual(plain);
    expect(plain.nodes).toHaveLength(4);
  });

  it('joins a token that a narrow terminal wrapped, and a wrapped header', () => {
    const wrapped = RING_SAMPLE.replaceAll(/ (-?\d{10,})/g, '\n$1').replace('Owns                Token', 'Owns\nToken');
    expect(readNodetoolTopology([ring(wrapped)])).toEqual(readNodetoolTopology([ring(RING_SAMPLE)]));
  });

  it.each([
    ['status', 'Up     Normal  145', 'Upp    Normal  145', 24, 'Up or Down', 'Upp'],
    ['state', 'Normal  145', 'Norm    145', 31, 'Normal, Leaving, Joining or Moving', 'Norm'],
    ['load', '145.84 KiB', '145.84 Kit', 46, 'a load such as 145.84 KiB, or ?', 'Kit'],
    ['owns', '100.00%             -917', '100.00              -917', 55, 'a share such as 12.34%, or ?', '100.00'],
    ['token', '-9171230135642349147', '-917123O135642349147', 75, 'a token (an integer)', '-917123O135642349147'],
    ['rack', 'r1          Up', '            Up', 24, 'a rack between the address and Up or Down', 'Up'],
  ])('names the place of a damaged %s', (_, before, after, column, expected, found) => {
    const { mistakes, nodes } = readNodetoolTopology([ring(RING_SAMPLE.replace(before, after))]);
    expect(nodes).toEqual([]);
    expect(mistakes).toMatchObject([
      { code: 'I102', file: 'ring.txt', line: 6, column, expected, found, path: 'cluster.from' },
    ]);
  });

  it.each([
    ['a token twice', RING_SAMPLE.replace('-9171230135642349147', '-6148914691236517206'), 'I104', 7],
    [
      'a token of RandomPartitioner',
      RING_SAMPLE.replace('-9171230135642349147', '85070591730234615865843651857942052864'),
      'I110',
      6,
    ],
    ['a torn end', RING_SAMPLE.replace(/127\.0\.0\.2.*\n/, ''), 'I105', 5],
    ['a node in two racks', ringText(SMALL).replace('r1 ', 'r9 '), 'I109', 8],
    ['no data centre', RING_SAMPLE.replace('Datacenter: dc1', ''), 'I102', 6],
    ['a row without a token at the end', RING_SAMPLE.replace('-9171230135642349147', ' '), 'I102', 6],
    ['an empty file', '', 'I101', 1],
    ['a header only', 'Address    Rack        Status State   Load  Owns   Token', 'I108', 1],
  ])('refuses %s', (_, text, code, line) => {
    const { mistakes, nodes } = readNodetoolTopology([ring(text)]);
    expect(nodes).toEqual([]);
    expect(mistakes[0]).toMatchObject({ code, line });
  });

  it('counts what it does not list', () => {
    const many = ringText(TWELVE).replaceAll(' Up ', ' Xp ');
    const { mistakes } = readNodetoolTopology([ring(many)]);
    expect(mistakes).toHaveLength(SAME_MISTAKES_MAX + 1);
    expect(mistakes[SAME_MISTAKES_MAX]?.message).toBe(
      `${12 * 16 - SAME_MISTAKES_MAX} more like these from this line on`,
    );
  });
});

describe('nodetool status', () => {
  it('reads the documented sample', () => {
    const output = readStatus(status(STATUS_SAMPLE));
    expect(output.mistakes).toEqual([]);
    expect(
      output.nodes.map(({ address, dc, rack, up, tokenCount, hostId }) => ({
        address,
        dc,
        rack,
        up,
        tokenCount,
        hostId,
      })),
    ).toEqual([
      {
        address: '127.0.1.1',
        dc: 'dc1',
        rack: 'r1',
        up: true,
        tokenCount: 1,
        hostId: '35ea8c9f-b7a2-40a7-b9c5-0ee8b91fdd0e',
      },
      {
        address: '127.0.1.2',
        dc: 'dc1',
        rack: 'r2',
        up: true,
        tokenCount: 1,
        hostId: '752e278f-b7c5-4f58-974b-9328455af73f',
      },
      {
        address: '127.0.1.3',
        dc: 'dc1',
        rack: 'r3',
        up: true,
        tokenCount: 1,
        hostId: '9dc1a293-2cc0-40fa-a6fd-9e6054da04a7',
      },
    ]);
  });

  it('reads the sample with "?" and a size in two words', () => {
    const text = STATUS_SAMPLE.replace(
      'UN  127.0.1.1  4.69 GiB   1            100.0%',
      'UJ  10.0.1.115  547 KiB     256    ?    ',
    ).replace('r1\n', 'us-east-1b\n');
    const [node] = readStatus(status(text)).nodes;
    expect(node).toMatchObject({
      address: '10.0.1.115',
      state: 'Joining',
      up: true,
      tokenCount: 256,
      rack: 'us-east-1b',
    });
  });

  it('takes tokens from a status with one token for each node', () => {
    const header = STATUS_SAMPLE.replace(
      'Tokens       Owns (effective)  Host ID ',
      'Owns (effective)  Host ID  Token ',
    );
    const single = header.replaceAll(/1 {12}(100.0% +[0-9a-f-]{36}) {2}r(\d)/g, '$1  $2000  r$2');
    const { nodes, mistakes } = readNodetoolTopology([status(single)]);
    expect(mistakes).toEqual([]);
    expect(nodes.map((node) => [node.rack, ...node.tokens])).toEqual([
      ['r1', '1000'],
      ['r2', '2000'],
      ['r3', '3000'],
    ]);
  });

  it('keeps a rack that is a number', () => {
    expect(readStatus(status(STATUS_SAMPLE.replace('  r1\n', '  205\n'))).nodes[0]).toMatchObject({
      rack: '205',
      token: null,
    });
  });

  it.each([
    ['state', 'UN  127.0.1.1', 'UX  127.0.1.1', 1, 'a state such as UN, UJ or DN', 'UX'],
    [
      'load',
      '4.69 GiB   1            100.0%            35',
      '4.69 Gib9  1            100.0%            35',
      16,
      'a load such as 4.69 GiB, or ?',
      '4.69',
    ],
    [
      'share',
      '100.0%            35',
      '100.0             35',
      27,
      'a number of tokens, or a share such as 33.3%, or ?',
      '1',
    ],
    ['host id', '35ea8c9f-', '35ea8c9f', 58, 'a host id (a UUID)', '35ea8c9fb7a2-40a7-b9c5-0ee8b91fdd0e'],
    ['rack', '0ee8b91fdd0e  r1', '0ee8b91fdd0e', 94, 'a rack', 'the end of the line'],
  ])('names the place of a damaged %s', (_, before, after, column, expected, found) => {
    const damaged = STATUS_SAMPLE.replace(before, after);
    expect(damaged).not.toBe(STATUS_SAMPLE);
    expect(readStatus(status(damaged)).mistakes).toMatchObject([{ code: 'I103', line: 6, column, expected, found }]);
  });

  it('cannot stand alone where nodes have several tokens', () => {
    const { mistakes } = readNodetoolTopology([status(statusText(SMALL))]);
    expect(mistakes).toHaveLength(4);
    expect(mistakes[0]).toMatchObject({ code: 'I107', suggestion: 'add the output of nodetool ring to cluster.from' });
  });
});

describe('both together', () => {
  it('give a 12-node, 2-DC, 16-vnode cluster, in either order of the files', () => {
    const files = [ring(ringText(TWELVE)), status(statusText(TWELVE))];
    const { nodes, mistakes } = readNodetoolTopology(files);
    expect(mistakes).toEqual([]);
    expect(nodes.map((node) => node.id)).toEqual(
      Array.from({ length: 12 }, (_, index) => `n${String(index + 1).padStart(2, '0')}`),
    );
    for (const node of TWELVE) {
      const read = nodes.find((candidate) => candidate.address === node.address);
      expect(read).toMatchObject({ dc: node.dc, rack: node.rack, tokens: node.tokens.map(String) });
    }
    expect(readNodetoolTopology([files[1], files[0]]).nodes).toEqual(nodes);
  });

  it('say which nodes were down', () => {
    const nodes = SMALL.map((node, index) => ({ ...node, down: index === 2 }));
    const { assumptions } = readNodetoolTopology([ring(ringText(nodes)), status(statusText(nodes))]);
    expect(assumptions).toHaveLength(2);
    expect(assumptions[1]).toMatch(
      /^n0\d \(10\.0\.1\.3\) is down in ring\.txt, line \d+: the run starts with all nodes up$/,
    );
  });

  it.each([
    ['rack', statusText(SMALL).replace(/r1\n/, 'r7\n'), 'I106', /disagree on the rack of 10\.0\.0\.1/],
    [
      'data centre',
      statusText(SMALL).replace('Datacenter: dc1', 'Datacenter: east'),
      'I106',
      /disagree on the data centre/,
    ],
    [
      'number of tokens',
      statusText(SMALL).replace('KiB    3 ', 'KiB    4 '),
      'I106',
      /disagree on the number of tokens/,
    ],
    ['membership', statusText(SMALL.slice(1)), 'I106', /nodetool status does not know 10\.0\.0\.1/],
    [
      'membership, other way',
      statusText([...SMALL, { address: '10.0.9.9', dc: 'dc1', rack: 'r1', tokens: [1n] }]),
      'I107',
      /10\.0\.9\.9 has no tokens/,
    ],
    ['all addresses', statusText(SMALL).replaceAll('10.', '11.'), 'I106', /no address in common/],
    ['a node twice', statusText([...SMALL, SMALL[0]]), 'I109', /stands twice/],
  ])('report a contradiction of %s', (_, text, code, message) => {
    const { mistakes } = readNodetoolTopology([ring(ringText(SMALL)), status(text)]);
    expect(mistakes.length).toBeGreaterThan(0);
    expect(mistakes[0]).toMatchObject({ code });
    expect(mistakes[0]?.message).toMatch(message);
  });

  it('are told apart by content', () => {
    expect([isRing(RING_SAMPLE), isStatus(RING_SAMPLE), isRing(STATUS_SAMPLE), isStatus(STATUS_SAMPLE)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect([isRing('format: 1\n'), isStatus('format: 1\n')]).toEqual([false, false]);
  });
});

describe('damage', () => {
  const garbage = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('-', '? ? ?', 'UN', 'Up Normal', '%', '\t\t1'),
  );

  it('of any line never throws, and a node line overwritten is a mistake', () => {
    fc.assert(
      fc.property(fc.nat(), garbage, fc.boolean(), (at, text, inRing) => {
        const texts = [ringText(SMALL), statusText(SMALL)];
        const lines = (texts[inRing ? 0 : 1] ?? '').split('\n');
        const index = at % lines.length;
        const wasNode = /^(10\.|UN)/.test(lines[index] ?? '');
        lines[index] = text;
        const files = inRing ? [ring(lines.join('\n')), status(texts[1])] : [ring(texts[0]), status(lines.join('\n'))];
        const result = readNodetoolTopology(files);
        expect(result.nodes.length === 0).toBe(result.mistakes.length > 0);
        if (wasNode) expect(result.mistakes.length).toBeGreaterThan(0);
        for (const mistake of result.mistakes) expect(mistake.line).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('of any bytes, cut anywhere, never throws', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ unit: 'binary', maxLength: 5 }), fc.nat(), (at, text, cut) => {
        const whole = ringText(SMALL);
        const damaged = whole.slice(0, at % whole.length) + text + whole.slice((at % whole.length) + (cut % 30));
        for (const read of [readRing(ring(damaged)), readStatus(status(damaged))])
          expect(Array.isArray(read.mistakes)).toBe(true);
        const result = readNodetoolTopology([ring(damaged)]);
        expect(result.nodes.length === 0).toBe(result.mistakes.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});
