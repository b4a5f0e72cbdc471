// A line that takes its time: its packets take the way through a TUN device and a program that holds them.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { end } from './namespace.js';

const PROGRAM = fileURLToPath(new URL('delay.py', import.meta.url));
/** Of routing tables and rules; those below are the system's. */
const FIRST_TABLE = 100;

export class Delay {
  #router;
  #process;
  #rules;

  /** @param {{ line: string, subnet: string, number: number, milliseconds: number }} options what leads to and from `line` is held */
  static async start(router, { line, subnet, number, milliseconds }) {
    const delay = new Delay();
    const device = `held${number}`;
    const table = String(FIRST_TABLE + number);
    delay.#router = router;
    delay.#process = router.spawn('python3', [PROGRAM, device, String(milliseconds)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface({ input: delay.#process.stdout }), 'line');
    await router.ip('link', 'set', device, 'up');
    await router.ip('route', 'replace', 'default', 'dev', device, 'table', table);
    // What has been held goes its way; what comes from the line or goes to it is held first.
    delay.#rules = [
      ['dev', device, 'lookup', 'main', 'priority', String(10 * number)],
      ['dev', line, 'lookup', table, 'priority', String(1000 + number)],
      ['to', subnet, 'lookup', table, 'priority', String(1000 + number)],
    ];
    for (const rule of delay.#rules) {
      await router.ip('rule', 'add', ...rule);
    }
    return delay;
  }

  async stop() {
    for (const rule of this.#rules) {
      await this.#router.ip('rule', 'delete', ...rule);
    }
    await end(this.#process);
  }
}
