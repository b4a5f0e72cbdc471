// Weighs what a build makes, as browsers receive it, and fails past the limit: nobody waits for a call page.
import { gzipSync } from 'node:zlib';

/** All that somebody loads who opens the page: everything it can do, in one language. */
const FIRST_LOAD_KB_MAX = 70;
/** The element in one file has all languages in it. */
const ELEMENT_KB_MAX = 80;

const LANGUAGE = /^assets\/(ar|de|es|fr|pt)-/;

export function weigh(mode) {
  return {
    name: 'weigh',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const files = Object.values(bundle).map(({ fileName, type, code, source }) => ({ fileName, bytes: gzipSync(type === 'chunk' ? code : source).length }));
        const languages = files.filter(({ fileName }) => LANGUAGE.test(fileName));
        const others = sum(files) - sum(languages);
        const kilobytes = (others + Math.max(0, ...languages.map(({ bytes }) => bytes))) / 1024;
        const max = mode === 'element' ? ELEMENT_KB_MAX : FIRST_LOAD_KB_MAX;
        console.log(`gzip: ${kilobytes.toFixed(1)} KB of ${max}; with every language ${(sum(files) / 1024).toFixed(1)} KB`);
        if (kilobytes > max) {
          this.error(`${kilobytes.toFixed(1)} KB gzipped are too much: ${max} are allowed.`);
        }
      },
    },
  };
}

function sum(files) {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}
