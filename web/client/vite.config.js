// Builds the one file for a script tag, beside the modules that tsc makes. It must stay small: a visit waits for it.
import { gzipSync } from 'node:zlib';
import { defineConfig } from 'vite';

const GZIP_BYTES_MAX = 25_000;

export default defineConfig({
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: { entry: 'src/global.ts', name: 'Holdspace', formats: ['iife'], fileName: () => 'holdspace-client.js' },
  },
  plugins: [
    {
      name: 'size-limit',
      writeBundle(_, bundle) {
        for (const [name, { code }] of Object.entries(bundle)) {
          const bytes = gzipSync(code, { level: 9 }).length;
          this.info(`${name}: ${bytes} of ${GZIP_BYTES_MAX} bytes, compressed`);
          if (bytes > GZIP_BYTES_MAX) {
            this.error(`${name} is too large.`);
          }
        }
      },
    },
  ],
});
