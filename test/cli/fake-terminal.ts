/** A terminal that keeps what is written, for calling commands without a process. */
import type { Output, Terminal } from '../../src/cli/terminal.ts';

export interface FakeTerminal extends Terminal {
  outText(): string;
  errText(): string;
}

interface Options {
  folder?: string;
  environment?: Record<string, string>;
  isTerminal?: boolean;
  now?: () => number;
}

export function fakeTerminal(options: Options = {}): FakeTerminal {
  const { folder = '/', environment = {}, isTerminal = false, now = () => 0 } = options;
  const written = { out: '', err: '' };
  const output = (name: 'out' | 'err'): Output => ({
    write: (text) => {
      written[name] += text;
    },
    isTerminal,
    columns: isTerminal ? 80 : null,
  });
  return {
    out: output('out'),
    err: output('err'),
    folder,
    environment,
    now,
    outText: () => written.out,
    errText: () => written.err,
  };
}
