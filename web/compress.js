// Writes the brotli and gzip forms of a built page's files beside them, for the server to send as they are.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Files of text. Pictures of pixels and fonts are compressed already. */
const TEXT = /\.(html|js|css|svg|json|map|txt)$/;
/** A form that saves less than this is not worth a second file. */
const SAVED_SHARE_MIN = 0.05;

const FORMS = {
  '.br': (bytes) =>
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  '.gz': (bytes) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

const folder = process.argv[2];
const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
// What an earlier build left would be sent in place of what this one made.
files.filter((file) => /\.(br|gz)$/.test(file)).forEach((file) => rmSync(file));
for (const file of files.filter((file) => TEXT.test(file))) {
  const bytes = readFileSync(file);
  for (const [suffix, compress] of Object.entries(FORMS)) {
    const form = compress(bytes);
    if (form.length < bytes.length * (1 - SAVED_SHARE_MIN)) {
      writeFileSync(file + suffix, form);
    }
  }
}
