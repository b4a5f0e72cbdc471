// Runs the real binary with a database of its own, and ends it whatever happens.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const BINARY = resolve(root, process.env.HOLDSPACE_BIN ?? 'target/debug/holdspace');
const START_MS = 20_000;

export class Server {
  #directory = mkdtempSync(join(tmpdir(), 'holdspace-e2e-'));
  #process = null;
  #lines = [];
  #onLine = () => {};
  #onExit = () => this.#process?.kill('SIGKILL');
  #entrance;
  /** Signs the tokens of this server. */
  secret = randomBytes(32).toString('hex');
  /** More keys for the environment, without their `HOLDSPACE_`; those that are undefined keep their defaults. */
  settings;
  /** `http://127.0.0.1:PORT/`, or `https:` when it has a certificate */
  url = '';

  /** @param {Record<string, string | undefined>} settings @param {{ entrance?: string[] }} options a command to go before its own */
  constructor(settings = {}, { entrance = [] } = {}) {
    this.settings = { ...settings };
    this.#entrance = entrance;
    process.on('exit', this.#onExit);
  }

  /** What it has printed so far. */
  get output() {
    return this.#lines.join('\n');
  }

  /** @param {string} command with its options */
  async start(command = 'serve') {
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const environment = {
      HTTP__HOST: '127.0.0.1',
      HTTP__PORT: port,
      STORE__URL: `sqlite:${join(this.#directory, 'holdspace.db')}`,
      AUTH__JWT_SECRET: this.secret,
      // The relay too is here alone, on free ports.
      TURN__LISTEN: '127.0.0.1',
      TURN__PORT: '0',
      TURN__TLS_PORT: '0',
      ...this.settings,
    };
    const [program, ...words] = [...this.#entrance, BINARY, ...command.split(' ')];
    this.#process = spawn(program, words, {
      cwd: this.#directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        ...Object.fromEntries(
          Object.entries(environment)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [`HOLDSPACE_${key}`, value]),
        ),
      },
    });
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#keep(line));
    this.url = await this.#listening(this.#process);
    return this;
  }

  /** Waits until it has printed `count` matches of `pattern`. */
  async printed(pattern, count) {
    for (;;) {
      const matches = this.output.match(pattern) ?? [];
      if (matches.length >= count) {
        return matches;
      }
      await new Promise((line, failed) => {
        const timer = setTimeout(() => failed(new Error(`Not printed: ${pattern}\n${this.output}`)), START_MS);
        this.#onLine = () => {
          clearTimeout(timer);
          line();
        };
      });
    }
  }

  /** Dies without a word to anybody, and comes back on the same port with the same database. */
  async restart() {
    await this.#end('SIGKILL');
    await this.start();
  }

  async stop() {
    await this.#end('SIGTERM');
    process.off('exit', this.#onExit);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #keep(line) {
    this.#lines.push(line);
    this.#onLine();
  }

  async #end(signal) {
    const child = this.#process;
    this.#process = null;
    if (child && child.exitCode === null) {
      const exit = once(child, 'exit');
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exit;
      clearTimeout(timer);
    }
  }

  /** @returns {Promise<string>} */
  #listening(child) {
    return new Promise((found, failed) => {
      const timer = setTimeout(() => failed(new Error(`No "listening on" in time:\n${this.output}`)), START_MS);
      child.once('error', failed);
      child.once('exit', (code) => failed(new Error(`The server ended with ${code}:\n${this.output}`)));
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.#keep(line);
        const address = /listening on (https?:\/\/\S+)/.exec(line)?.[1];
        if (address) {
          clearTimeout(timer);
          found(`${address.replace(/\/$/, '')}/`);
        }
      });
    });
  }
}

/** A free server for the length of one test file or test. */
export function startServer(settings) {
  return new Server(settings).start();
}
