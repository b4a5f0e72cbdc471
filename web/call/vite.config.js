// Builds the page into dist/, from where the server embeds it and serves it under /call/; with `--mode element` also the
// element in one file, beside it.
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { lean } from './lean.js';
import { weigh } from './weigh.js';

export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [lean(), svelte(), weigh(mode)],
  resolve: {
    alias: { '@holdspace/client': fileURLToPath(new URL('../client/src/index.ts', import.meta.url)) },
  },
  build: {
    target: 'es2022',
    cssTarget: ['chrome111', 'firefox114', 'safari16.4'],
    // The page's policy allows nothing inline.
    modulePreload: false,
    assetsInlineLimit: 0,
    ...(mode === 'element' ? oneFile() : {}),
  },
}));

function oneFile() {
  return {
    emptyOutDir: false,
    lib: { entry: 'src/define.ts', formats: ['es'], fileName: () => 'holdspace-call.js' },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  };
}
