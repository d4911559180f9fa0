import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-node';

type NodeAdapter = ReturnType<typeof adapter>;

/**
 * adapter-node with one difference: the public address is taken from ORIGIN when the server starts. Version 6 of the
 * adapter bakes it into the build or assumes https, and either way a build could not be started under two addresses:
 * every form would be refused as coming from another site.
 */
export function nodeServer(): NodeAdapter {
  const inner = adapter({ out: 'build' });
  return {
    ...inner,
    async adapt(builder) {
      await inner.adapt(builder);
      renameSync('build/index.js', 'build/listen.js');
      writeFileSync('build/index.js', readFileSync(new URL('./node-server-entry.js', import.meta.url)));
    },
  };
}
