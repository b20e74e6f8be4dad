/** Builds the page of reports: everything in one HTML file (scripts/build-page.mjs adds its security policy). */
import { viteSingleFile } from 'vite-plugin-singlefile';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/viewer',
  base: './',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [viteSingleFile({ removeViteModuleLoader: true })],
  // A page from disk may start classic workers only.
  worker: { format: 'iife' },
  build: { outDir: '../../dist/viewer', emptyOutDir: true, target: 'es2022', modulePreload: false },
});
