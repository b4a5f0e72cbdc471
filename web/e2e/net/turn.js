// Somebody else's relay in the small internet: Debian's coturn, with a shared secret.
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { end } from './namespace.js';

/** Beside our own. */
const PORT = 3479;
const START_MS = 10_000;

export class Turn {
  #process;
  #secret = randomBytes(16).toString('hex');

  constructor(address) {
    this.address = address;
  }

  static async start(namespace, address) {
    const turn = new Turn(address);
    const options = ['-n', '--no-cli', '--no-tls', '--no-dtls', '--log-file=stdout', `--listening-ip=${address}`, `--relay-ip=${address}`, `--listening-port=${PORT}`];
    const credentials = ['--use-auth-secret', `--static-auth-secret=${turn.#secret}`, '--realm=holdspace.test', '--pidfile=/dev/null'];
    turn.#process = namespace.spawn('turnserver', [...options, ...credentials], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await turn.#listening();
    } catch (cause) {
      await turn.stop();
      throw cause;
    }
    return turn;
  }

  /** What the server must know of it. */
  get settings() {
    const at = `${this.address}:${PORT}`;
    return {
      ICE__STUN_URLS: `stun:${at}`,
      ICE__TURN_URLS: `turn:${at}?transport=udp,turn:${at}?transport=tcp`,
      ICE__TURN_SECRET: this.#secret,
    };
  }

  async stop() {
    await end(this.#process);
  }

  #listening() {
    return new Promise((found, failed) => {
      const lines = [];
      const timer = setTimeout(() => failed(new Error(`The relay does not start:\n${lines.join('\n')}`)), START_MS);
      this.#process.once('error', failed);
      this.#process.once('exit', (code) => failed(new Error(`The relay ended with ${code}:\n${lines.join('\n')}`)));
      createInterface({ input: this.#process.stdout }).on('line', (line) => {
        lines.push(line);
        // The last of its threads.
        if (/admin thread/.test(line)) {
          clearTimeout(timer);
          found();
        }
      });
    });
  }
}
