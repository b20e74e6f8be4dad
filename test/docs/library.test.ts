import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ROOT, codeBlocks, readPage } from './doc-text.ts';

const PAGE = 'docs/library.md';
const home = mkdtempSync(join(tmpdir(), 'reconverge-library-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const blocks = codeBlocks(readPage(PAGE));
const programs = blocks.filter(({ language }) => language === 'ts');
const outputs = blocks.filter(({ language }) => language === 'text');

/** All blocks as one module, in order; a mark is printed before each. */
function asModule(): string {
  const imports = programs.flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('import ')));
  const bodies = programs.map(({ text }, index) => {
    const body = text.split('\n').filter((line) => !line.startsWith('import '));
    return [`console.log('@@${index}');`, ...body].join('\n');
  });
  return [...imports, ...bodies].join('\n').replaceAll("'reconverge'", JSON.stringify(join(ROOT, 'src/index.ts')));
}

async function printed(): Promise<string[]> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    lines.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '));
  });
  const file = join(home, 'page.ts');
  writeFileSync(file, asModule());
  try {
    await import(/* @vite-ignore */ file);
  } finally {
    spy.mockRestore();
  }
  return lines
    .join('\n')
    .split(/^@@\d+\n/m)
    .slice(1);
}

function writeOutputs(texts: readonly string[]): void {
  let index = 0;
  const page = readPage(PAGE).replaceAll(
    /^```text\n[^]*?^```$/gm,
    () => `\`\`\`text\n${texts[index++].trimEnd()}\n\`\`\``,
  );
  writeFileSync(join(ROOT, PAGE), page);
}

describe(PAGE, () => {
  it('has what each program prints below it', () => {
    expect(programs.length).toBeGreaterThan(2);
    expect(outputs.length).toBe(programs.length);
  });

  // RECONVERGE_UPDATE=1 npx vitest run test/docs: writes what is printed into the page; read the difference before you commit it.
  it('prints what it says', async () => {
    const texts = await printed();
    if (process.env.RECONVERGE_UPDATE === '1') return writeOutputs(texts);
    texts.forEach((text, index) => {
      expect(text.trimEnd(), `output at ${PAGE}:${outputs[index].line}`).toBe(outputs[index].text.trimEnd());
    });
  });
});
