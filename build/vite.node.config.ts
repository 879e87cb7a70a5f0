import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const entry = (name: string): string => fileURLToPath(new URL(`../electron/entry/${name}.ts`, import.meta.url));

/** Main, core, server, CLI and worker threads: ESM for Node 24 and Electron's Node. Pure JavaScript is bundled; native and host modules stay outside. */
export default defineConfig({
  logLevel: 'warn',
  publicDir: false,
  ssr: { noExternal: true, target: 'node' },
  resolve: { conditions: ['node', 'import', 'module', 'default'] },
  // ssh2 names a helper beside itself (Pageant's, which is never run); an ES module has no such variable.
  define: { __dirname: 'import.meta.dirname' },
  build: {
    ssr: true,
    target: 'node22',
    outDir: fileURLToPath(new URL('../dist', import.meta.url)),
    emptyOutDir: false,
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      input: {
        main: entry('main'),
        core: entry('core'),
        server: entry('server'),
        cli: entry('cli'),
        'run-worker': entry('run-worker'),
        'runs-file-worker': entry('runs-file-worker'),
        'cipher-worker': entry('cipher-worker'),
        'hash-worker': entry('hash-worker'),
        'pack-worker': entry('pack-worker'),
        'walk-worker': entry('walk-worker'),
      },
      external: ['electron', 'better-sqlite3', ...builtinModules, /^node:/],
      output: { format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
});
