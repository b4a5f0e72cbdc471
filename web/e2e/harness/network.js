// A small network of its own: hosts in namespaces on one bridge, whose links can be cut, moved and narrowed.
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
let networks = 0;

async function ip(...words) {
  await run('ip', words);
}

export class Network {
  #directory = mkdtempSync(join(tmpdir(), 'holdspace-net-'));
  #hosts = [];
  #count = 0;

  constructor() {
    networks += 1;
    // At most 15 characters name an interface.
    this.id = `h${process.pid % 100_000}${networks}`;
    this.subnet = `10.${64 + (process.pid % 128)}.${networks}`;
    this.bridge = `${this.id}-b`;
    /** Of the side of the tests, where the server listens. */
    this.address = `${this.subnet}.1`;
  }

  /** With the tests' own side as its first member. */
  static async make() {
    const network = new Network();
    process.once('exit', () => rmSync(network.#directory, { recursive: true, force: true }));
    await ip('netns', 'add', network.bridge);
    await ip('-n', network.bridge, 'link', 'add', 'bridge', 'type', 'bridge');
    await ip('-n', network.bridge, 'link', 'set', 'bridge', 'up');
    await network.plug(null, `${network.id}-o`, network.address);
    return network;
  }

  /** A host with one address; `chromium` runs a browser there. */
  async host() {
    this.#count += 1;
    const name = `${this.id}-${this.#count}`;
    await ip('netns', 'add', name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    const chromium = join(this.#directory, name);
    writeFileSync(chromium, `#!/bin/sh\nexec ip netns exec ${name} ${CHROMIUM} "$@"\n`);
    chmodSync(chromium, 0o755);
    const host = new Host(this, name, chromium, 10 * this.#count);
    this.#hosts.push(host);
    await host.plugIn();
    return host;
  }

  /** Puts a cable with this address between a namespace (null: the tests' own) and the bridge. */
  async plug(namespace, name, address) {
    const port = `${namespace?.split('-')[1] ?? 'o'}${name}`.slice(-15);
    await ip('-n', this.bridge, 'link', 'add', port, 'type', 'veth', 'peer', 'name', name);
    await ip('-n', this.bridge, 'link', 'set', name, 'netns', namespace ?? String(process.pid));
    await ip('-n', this.bridge, 'link', 'set', port, 'master', 'bridge', 'up');
    const inside = namespace ? ['-n', namespace] : [];
    await ip(...inside, 'address', 'add', `${address}/24`, 'dev', name);
    await ip(...inside, 'link', 'set', name, 'up');
    return port;
  }

  async close() {
    // What is in a namespace goes with it, the other ends of its cables too.
    for (const name of [...this.#hosts.map((host) => host.name), this.bridge]) {
      await ip('netns', 'delete', name).catch(() => undefined);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

class Host {
  #plugs = 0;
  #port = '';
  #device = '';

  constructor(network, name, chromium, number) {
    this.network = network;
    this.name = name;
    this.chromium = chromium;
    this.number = number;
  }

  /** A new interface with a new address, as after a change from one network to another. */
  async plugIn() {
    this.#plugs += 1;
    this.#device = `eth${this.#plugs}`;
    this.address = `${this.network.subnet}.${this.number + this.#plugs}`;
    this.#port = await this.network.plug(this.name, this.#device, this.address).catch((cause) => {
      throw new Error(`No interface for ${this.name}: ${cause}`);
    });
    await ip('-n', this.name, 'route', 'replace', 'default', 'via', this.network.address);
  }

  /** The present interface is gone, and another with another address there. */
  async move() {
    await ip('-n', this.name, 'link', 'delete', this.#device);
    await this.plugIn();
  }

  /** Nothing gets through, and the host is not told. */
  cut() {
    return ip('-n', this.network.bridge, 'link', 'set', this.#port, 'nomaster');
  }

  mend() {
    return ip('-n', this.network.bridge, 'link', 'set', this.#port, 'master', 'bridge');
  }

  /** The cable is pulled out, and the host sees it. */
  pullOut() {
    return ip('-n', this.network.bridge, 'link', 'set', this.#port, 'down');
  }

  pushIn() {
    return ip('-n', this.network.bridge, 'link', 'set', this.#port, 'up');
  }
}
