/**
 * Builds the pages of reports: everything in one HTML file (scripts/build-page.mjs builds each, gives them the core and adds
 * their security policy). `RECONVERGE_PAGE=run` is the page of a run, which has the core in it; `study` that of comparisons,
 * sweeps and tests, which has not.
 */
import { viteSingleFile } from 'vite-plugin-singlefile';
import { defineConfig } from 'vite';

const ENTRY_PLACE = './@@entry@@';

export default defineConfig({
  root: 'src/viewer',
  base: './',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [
    {
      name: 'entry-of-the-page',
      transformIndexHtml: {
        order: 'pre',
        handler: (html) => html.replace(ENTRY_PLACE, `./${process.env['RECONVERGE_PAGE'] ?? 'run'}-page.tsx`),
      },
    },
    viteSingleFile({ removeViteModuleLoader: true }),
  ],
  build: { outDir: '../../dist/viewer', emptyOutDir: true, target: 'es2022', modulePreload: false },
});
