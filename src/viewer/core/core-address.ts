/**
 * Where the worker of the core starts from: the program that the build has packed into this script (gzip, base64), unpacked
 * once, into a blob of the page's own memory.
 */
declare const RECONVERGE_CORE: string;

let address: Promise<string> | null = null;

export function coreAddress(): Promise<string> {
  address ??= unpacked(RECONVERGE_CORE);
  return address;
}

async function unpacked(core: string): Promise<string> {
  if (typeof DecompressionStream === 'undefined')
    throw new Error('this browser is too old to unpack the core (it has no DecompressionStream)');
  const packed = Uint8Array.from(atob(core), (letter) => letter.charCodeAt(0));
  const program = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const blob = new Blob([await new Response(program).arrayBuffer()], { type: 'text/javascript' });
  return URL.createObjectURL(blob);
}
