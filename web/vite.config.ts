import { sveltekit } from '@sveltejs/kit/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { nodeServer } from './node-server.ts';

export default defineConfig({
  // One file on purpose, see `bundleStrategy`.
  build: { chunkSizeWarningLimit: 1200 },
  plugins: [
    tailwindcss(),
    sveltekit({
      adapter: nodeServer(),
      compilerOptions: { runes: true },
      // Everything in one file: an open page must go on working while the web server is away.
      output: { bundleStrategy: 'single' },
      // `connect-src` and `img-src` name the API, whose address is known only at run time: see hooks.server.ts.
      csp: {
        mode: 'auto',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          // Svelte and the floating menus position themselves through style attributes.
          'style-src': ['self', 'unsafe-inline'],
          'font-src': ['self'],
          'object-src': ['none'],
          'base-uri': ['self'],
          'form-action': ['self'],
          'frame-ancestors': ['none'],
        },
      },
    }),
  ],
});
