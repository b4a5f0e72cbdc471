// The example platform as its README starts it: both processes, ended whatever happens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const START_MS = 30_000;

/** @returns {Promise<{ url: string, holdspace: string, stop: () => Promise<number> }>} */
export async function startExample() {
  const child = spawn(process.execPath, ['start.js'], {
    cwd: resolve(root, 'examples/platform'),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, PORT: '0', HOLDSPACE_BIN: resolve(root, process.env.HOLDSPACE_BIN ?? 'target/debug/holdspace') },
  });
  // It ends Holdspace before itself.
  const onExit = () => child.kill('SIGTERM');
  process.on('exit', onExit);
  const [url, holdspace] = await addresses(child);
  return {
    url,
    holdspace,
    stop: async () => {
      process.off('exit', onExit);
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await exit;
      return code;
    },
  };
}

function addresses(child) {
  return new Promise((found, failed) => {
    const timer = setTimeout(() => failed(new Error('The platform does not start')), START_MS);
    child.once('exit', (code) => failed(new Error(`The platform ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const urls = line.match(/http:\/\/\S+/g);
      if (urls?.length === 2) {
        clearTimeout(timer);
        found(urls);
      }
    });
  });
}
