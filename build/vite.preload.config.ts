import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** A sandboxed preload must be one CommonJS file that requires nothing but `electron`. */
export default defineConfig({
  logLevel: 'warn',
  publicDir: false,
  build: {
    target: 'chrome140',
    outDir: fileURLToPath(new URL('../dist', import.meta.url)),
    emptyOutDir: false,
    minify: false,
    sourcemap: false,
    lib: {
      entry: fileURLToPath(new URL('../electron/entry/preload.ts', import.meta.url)),
      formats: ['cjs'],
      fileName: () => 'preload.cjs',
    },
    rolldownOptions: { external: ['electron'], output: { codeSplitting: false } },
  },
});
