// Unit tests of pure functions and of the page's own elements. Browsers and servers are the business of e2e/.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: { '@holdspace/client': fileURLToPath(new URL('client/src/index.ts', import.meta.url)) },
  },
  test: {
    include: ['client/test/**/*.test.ts', 'call/test/**/*.test.ts', 'test/**/*.test.js'],
    environment: 'node',
  },
});
