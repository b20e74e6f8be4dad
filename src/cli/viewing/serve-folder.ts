/**
 * Serves the files of one result folder on this machine alone: bound to 127.0.0.1, reading only, and only names that a run
 * writes and that lie in the folder as files. Requests that name another host are refused, so that no page of another site
 * can ask through a name that it lets point here.
 */
import { createReadStream, lstatSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { OUR_FILES } from '../result-folder.ts';

const HOST = '127.0.0.1';
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};
const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "frame-ancestors 'none'",
  'Cache-Control': 'no-store',
};

export interface Served {
  address: string;
  close(): Promise<void>;
}

export async function serveFolder(folder: string, { port, page }: { port: number; page: string }): Promise<Served> {
  const server = createServer((request, response) => answer(request, response, { folder, page, port: portOf(server) }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  return {
    address: `http://${HOST}:${portOf(server)}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

interface Asked {
  folder: string;
  page: string;
  port: number;
}

function answer(request: IncomingMessage, response: ServerResponse, { folder, page, port }: Asked): void {
  const { method = '', url = '', headers } = request;
  const hosts = [`${HOST}:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return refuse(response, 403, 'this server answers to 127.0.0.1 only');
  if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'this server only shows');
  const path = fileAt(folder, url, page);
  if (path === null) return refuse(response, 404, 'no such file of this run');
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  response.writeHead(200, { ...HEADERS, 'Content-Type': type });
  if (method === 'HEAD') response.end();
  else
    createReadStream(path)
      .on('error', () => response.destroy())
      .pipe(response);
}

/** Null for whatever is no name of a file that a run writes: nothing of the request but that name reaches the disk. */
function fileAt(folder: string, url: string, page: string): string | null {
  const asked = url.split(/[?#]/)[0];
  const name = asked === '/' ? page : OUR_FILES.find((one) => asked === `/${one}`);
  if (name === undefined) return null;
  const path = join(folder, name);
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : null;
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${why}\n`);
}
