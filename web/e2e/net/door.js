// Makes a TCP port of a namespace reachable for the test, through a socket file: files know no namespaces.
// As a program, inside the namespace: `node door.js SOCKET_FILE HOST PORT`.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { end } from './namespace.js';

const OWN_FILE = fileURLToPath(import.meta.url);

export class Door {
  #directory = mkdtempSync(join(tmpdir(), 'holdspace-door-'));
  #server;
  #process;

  /** To `host` and `port`, as they are in the namespace. */
  static async open(namespace, host, port) {
    const door = new Door();
    const file = join(door.#directory, 'socket');
    door.#process = namespace.spawn(process.execPath, [OWN_FILE, file, host, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(door.#process.stdout, 'data');
    door.#server = pass({ path: file });
    door.#server.listen(0, '127.0.0.1');
    await once(door.#server, 'listening');
    door.port = door.#server.address().port;
    return door;
  }

  async close() {
    this.#server.close();
    await end(this.#process);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Passes every connection on to `target`. */
function pass(target) {
  return createServer((from) => {
    const to = connect(target);
    from.pipe(to);
    to.pipe(from);
    from.on('error', () => to.destroy());
    to.on('error', () => from.destroy());
    from.on('close', () => to.destroy());
    to.on('close', () => from.destroy());
  });
}

if (process.argv[1] === OWN_FILE) {
  const [, , file, host, port] = process.argv;
  const server = pass({ host, port: Number(port) });
  server.listen(file, () => console.log('open'));
}
