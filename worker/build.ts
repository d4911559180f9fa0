import { build } from 'esbuild';

/**
 * Bundles the worker into one file that runs without node_modules, for an image.
 * Usage: node build.ts [output file]
 */
const outfile = process.argv[2] ?? 'dist/main.js';

await build({
  entryPoints: [`${import.meta.dirname}/src/main.ts`],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'linked',
  // Some dependencies are CommonJS and call require for Node's own modules.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
