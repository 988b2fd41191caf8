/**
 * Bundles the program into dist/bin: one entry, the threads under their fixed names, and chunks that are loaded
 * when they are first needed (the TUI costs 400 ms of start-up, so nothing else may pull it in). Native addons stay outside.
 */

import { chmodSync, rmSync } from 'node:fs';

import { build } from 'esbuild';

rmSync('dist/bin', { recursive: true, force: true });
await build({
  entryPoints: {
    'repro-audit': 'src/cli/main.ts',
    worker: 'src/sources/directory/worker.ts',
    'ostree-worker': 'src/sources/ostree/ostree-worker.ts',
    'layer-worker': 'src/sources/oci/layer-worker.ts',
    'normalize-worker': 'src/scrub/normalize-worker.ts',
  },
  outdir: 'dist/bin',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  jsx: 'automatic',
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  external: ['better-sqlite3', 'koffi', 'react-devtools-core'],
  define: { 'process.env.NODE_ENV': '"production"' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
const { readFileSync, writeFileSync } = await import('node:fs');
const entry = 'dist/bin/repro-audit.js';
writeFileSync(entry, `#!/usr/bin/env node\n${readFileSync(entry, 'utf8')}`);
chmodSync(entry, 0o755);
