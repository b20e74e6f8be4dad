/** Reads the project's pages: their code blocks and the command lines in them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = new URL('../../', import.meta.url).pathname;

export interface CodeBlock {
  language: string;
  text: string;
  /** Of the block's first line, from 1. */
  line: number;
}

/** README, CONTRIBUTING and all pages of docs, as paths from the root. Decisions quote commands that need not exist. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true }).map((name) => `docs/${String(name)}`);
  const named = ['README.md', 'CONTRIBUTING.md', 'reports/README.md', ...docs.sort()];
  return named.filter(
    (path) => path.endsWith('.md') && !path.startsWith('docs/decisions/') && existsSync(join(ROOT, path)),
  );
}

export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function codeBlocks(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: CodeBlock | null = null;
  page.split('\n').forEach((text, index) => {
    const fence = /^```(\w*)\s*$/.exec(text);
    if (fence === null) {
      if (open !== null) open.text += `${text}\n`;
    } else if (open === null) {
      open = { language: fence[1], text: '', line: index + 2 };
    } else {
      blocks.push(open);
      open = null;
    }
  });
  return blocks;
}

/** Command lines of `npm` and `npx reconverge`: lines of shell blocks (with or without `$`) and whole inline code. */
export function commandLines(page: string): string[] {
  const inBlocks = codeBlocks(page)
    .filter(({ language }) => ['sh', 'bash', 'shell', 'console'].includes(language))
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'));
  const prose = page.replaceAll(/^```[^]*?^```/gm, '');
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  const lines = [...inBlocks, ...inline].map((line) =>
    line
      .replace(/^\$ /, '')
      .replace(/\s+#.*$/, '')
      .trim(),
  );
  return [...new Set(lines.filter((line) => /^(npm|npx) /.test(line)))];
}

/** The words of a simple command line, without what comes after a pipe or a redirection. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [, quoted, single, bare] of line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
    if (bare === '|' || bare === '>' || bare === '&&') break;
    words.push(quoted ?? single ?? bare);
  }
  return words;
}
