/** Outputs in the form that `nodetool` prints them (cassandra.j1, cassandra.j2), and one made to any size. */

export const RING_SAMPLE = `
Datacenter: dc1
==========
Address    Rack        Status State   Load            Owns                Token                                       
                                                                          -6148914691236517206                        
127.0.0.1  r1          Up     Normal  145.84 KiB      100.00%             -9171230135642349147                        
127.0.0.2  r2          Up     Normal  140.1 KiB       100.00%             -6148914691236517206                        

  Warning: "nodetool ring" is used to output all the tokens of a node.
  To view status related info of a node use "nodetool status" instead.

`;

export const STATUS_SAMPLE = `Datacenter: dc1
=======================
Status=Up/Down
|/ State=Normal/Leaving/Joining/Moving
--  Address    Load       Tokens       Owns (effective)  Host ID                               Rack
UN  127.0.1.1  4.69 GiB   1            100.0%            35ea8c9f-b7a2-40a7-b9c5-0ee8b91fdd0e  r1
UN  127.0.1.2  4.71 GiB   1            100.0%            752e278f-b7c5-4f58-974b-9328455af73f  r2
UN  127.0.1.3  4.69 GiB   1            100.0%            9dc1a293-2cc0-40fa-a6fd-9e6054da04a7  r3
`;

export interface SampleNode {
  address: string;
  dc: string;
  rack: string;
  tokens: bigint[];
  down?: boolean;
}

/** `dcs` data centres of `racks` racks of `perRack` nodes with `vnodes` tokens, in the order of the ring's tokens. */
export function sampleNodes(size: { dcs: number; racks: number; perRack: number; vnodes: number }): SampleNode[] {
  const count = size.dcs * size.racks * size.perRack;
  const step = 18446744073709551615n / BigInt(count * size.vnodes);
  return Array.from({ length: count }, (_, index) => {
    const dc = index % size.dcs;
    const rack = Math.floor(index / size.dcs) % size.racks;
    const tokens = Array.from(
      { length: size.vnodes },
      (__, vnode) => -9223372036854775807n + step * BigInt(vnode * count + index),
    );
    return { address: `10.${dc}.${rack}.${index + 1}`, dc: `dc${dc + 1}`, rack: `r${rack + 1}`, tokens };
  });
}

export function ringText(nodes: readonly SampleNode[]): string {
  const width = Math.max(...nodes.map((node) => node.address.length));
  const row = (cells: readonly string[]): string =>
    `${(cells[0] ?? '').padEnd(width)}  ${[12, 7, 8, 16, 20, 44].map((cell, index) => (cells[index + 1] ?? '').padEnd(cell)).join('')}`;
  const blocks = dcsOf(nodes).map((dc) => {
    const lines = nodes
      .filter((node) => node.dc === dc)
      .flatMap((node) => node.tokens.map((token) => ({ node, token })))
      .sort((left, right) => (left.token < right.token ? -1 : 1));
    const last = lines[lines.length - 1];
    const rows = lines.map(({ node, token }) =>
      row([node.address, node.rack, node.down === true ? 'Down' : 'Up', 'Normal', '1.02 GiB', '?', String(token)]),
    );
    const header = row(['Address', 'Rack', 'Status', 'State', 'Load', 'Owns', 'Token']);
    return [
      `Datacenter: ${dc}`,
      '==========',
      header,
      row(['', '', '', '', '', '', String(last?.token)]),
      ...rows,
      '',
    ].join('\n');
  });
  return `\n${blocks.join('\n')}\n  Warning: "nodetool ring" is used to output all the tokens of a node.\n  To view status related info of a node use "nodetool status" instead.\n\n`;
}

export function statusText(nodes: readonly SampleNode[]): string {
  const blocks = dcsOf(nodes).map((dc) => {
    const rows = nodes
      .filter((node) => node.dc === dc)
      .map(
        (node) =>
          `${node.down === true ? 'D' : 'U'}N  ${node.address.padEnd(12)}  547 KiB    ${String(node.tokens.length).padEnd(11)}  ?       ${hostIdOf(nodes.indexOf(node))}  ${node.rack}`,
      );
    const title = `Datacenter: ${dc}`;
    return [
      title,
      '='.repeat(title.length),
      'Status=Up/Down',
      '|/ State=Normal/Leaving/Joining/Moving',
      '--  Address       Load       Tokens       Owns    Host ID                               Rack',
      ...rows,
    ].join('\n');
  });
  return `${blocks.join('\n')}\n\nNote: Non-system keyspaces don't have the same replication settings, effective ownership information is meaningless\n`;
}

function hostIdOf(index: number): string {
  return (
    `b64cb32a-f32a-46b4-9eeb-e123fa8fc28${(index % 16).toString(16)}`.slice(0, -12) + String(index).padStart(12, '0')
  );
}

function dcsOf(nodes: readonly SampleNode[]): string[] {
  return [...new Set(nodes.map((node) => node.dc))].sort((left, right) => (left < right ? -1 : 1));
}
