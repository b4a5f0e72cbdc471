// Starts both: Holdspace on a free port with a database of its own for this run, and the platform in front of it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Holdspace } from './holdspace.js';
import { createPlatform } from './platform.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BUILT = ['../../target/release/holdspace', '../../target/debug/holdspace'].map(here);
const START_MS = 20_000;

const secret = randomBytes(32).toString('hex');
const directory = mkdtempSync(join(tmpdir(), 'holdspace-platform-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

let holdspace = null;
const platform = createPlatform(() => holdspace);
platform.once('error', (error) => {
  console.error(`The platform cannot listen: ${error.message}. PORT names another port.`);
  process.exit(1);
});
platform.listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
await once(platform, 'listening');
const { port } = platform.address();

const child = startHoldspace([`http://127.0.0.1:${port}`, `http://localhost:${port}`]);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => child.kill('SIGTERM'));
}
child.once('exit', (code) => process.exit(code ?? 1));
process.once('exit', () => child.kill('SIGTERM'));
holdspace = new Holdspace(await listening(child), secret);
console.log(`The platform is at http://127.0.0.1:${port}/ and Holdspace at ${holdspace.url}`);

function startHoldspace(origins) {
  const binary = process.env.HOLDSPACE_BIN ?? BUILT.find(existsSync) ?? 'holdspace';
  const started = spawn(binary, ['serve', '--config', here('holdspace.toml')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    // Ctrl-C is for us, who pass it on: a second signal would end it in the middle of its stopping.
    detached: true,
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: `sqlite:${join(directory, 'visits.db')}`,
      JWT_SECRET: secret,
      CORS_ORIGIN: origins.join(','),
    },
  });
  started.once('error', (error) => {
    console.error(`Holdspace cannot be started: ${error.message}. Build it first, or name it in HOLDSPACE_BIN.`);
    process.exit(1);
  });
  return started;
}

/** @returns {Promise<string>} the address that it says it listens on */
function listening(started) {
  return new Promise((found, failed) => {
    const timer = setTimeout(() => failed(new Error('Holdspace does not listen')), START_MS);
    createInterface({ input: started.stderr }).on('line', (line) => {
      console.error(line);
      const address = /listening on (https?:\/\/\S+)/.exec(line)?.[1];
      if (address) {
        clearTimeout(timer);
        found(`${address}/`);
      }
    });
  });
}
