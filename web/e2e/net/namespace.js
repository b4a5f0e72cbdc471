// Network namespaces that live as long as the test: with names of its own, removed whatever happens.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PREFIX = 'hs';
/** What lies here in a directory of a namespace's name, `ip` puts over the files of `/etc` for programs in it. */
const OWN_FILES = '/etc/netns';
const made = new Set();

process.once('exit', () =>
  made.forEach((name) => {
    execFileSync('ip', ['netns', 'delete', name]);
    removeFiles(name);
  }),
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(1));
}

export class Namespace {
  constructor(name) {
    this.name = name;
  }

  /** An empty one, whose own loopback is up. */
  static async make(purpose) {
    const namespace = new Namespace(`${PREFIX}-${process.pid}-${purpose}`);
    await run('ip', ['netns', 'add', namespace.name]);
    made.add(namespace.name);
    await namespace.set('net/ipv6/conf/default/disable_ipv6', 1);
    await namespace.set('net/ipv6/conf/all/disable_ipv6', 1);
    await namespace.ip('link', 'set', 'lo', 'up');
    return namespace;
  }

  /** The `ip` of iproute2. */
  ip(...words) {
    return run('ip', ['-n', this.name, ...words]);
  }

  /** Takes these rules of nftables in place of the table of the same name. */
  async nft(table, rules) {
    const child = run('ip', ['netns', 'exec', this.name, 'nft', '-f', '-']);
    child.child.stdin.end(`table ip ${table}\ndelete table ip ${table}\ntable ip ${table} {\n${rules}\n}\n`);
    await child;
  }

  tc(...words) {
    return run('ip', ['netns', 'exec', this.name, 'tc', ...words]);
  }

  /** Sets a value below `/proc/sys`. */
  async set(key, value) {
    await run('ip', ['netns', 'exec', this.name, 'sh', '-c', `echo ${value} >/proc/sys/${key}`]);
  }

  /** Programs that are started here from now on find these names, and no others: `hosts` are names with their addresses. */
  knowNames(hosts) {
    mkdirSync(`${OWN_FILES}/${this.name}`, { recursive: true });
    const lines = Object.entries({ localhost: '127.0.0.1', ...hosts }).map(([name, address]) => `${address} ${name}\n`);
    writeFileSync(`${OWN_FILES}/${this.name}/hosts`, lines.join(''));
    // Whoever asks for another name is told at once, rather than left to wait for a server out of reach.
    writeFileSync(`${OWN_FILES}/${this.name}/nsswitch.conf`, 'hosts: files\n');
  }

  /** Lets it pass packets on, also ones that come back on another interface than they left by. */
  async becomeRouter() {
    await this.set('net/ipv4/ip_forward', 1);
    await this.set('net/ipv4/conf/all/rp_filter', 0);
    await this.set('net/ipv4/conf/default/rp_filter', 0);
  }

  /** What goes before a command for it to run here. */
  get entrance() {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** Runs a program here, which ends with the test at the latest. */
  spawn(command, args, options = {}) {
    const [program, ...before] = this.entrance;
    const child = spawn(program, [...before, command, ...args], options);
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    return child;
  }

  /** A cable between two: `[name, address]` of either end, the address with the length of its prefix. */
  async plug([ownName, ownAddress], other, [otherName, otherAddress]) {
    await this.ip('link', 'add', ownName, 'type', 'veth', 'peer', 'name', otherName, 'netns', other.name);
    await this.ip('address', 'add', ownAddress, 'dev', ownName);
    await other.ip('address', 'add', otherAddress, 'dev', otherName);
    await this.ip('link', 'set', ownName, 'up');
    await other.ip('link', 'set', otherName, 'up');
  }

  async remove() {
    made.delete(this.name);
    await run('ip', ['netns', 'delete', this.name]);
    removeFiles(this.name);
  }
}

function removeFiles(name) {
  rmSync(`${OWN_FILES}/${name}`, { recursive: true, force: true });
  try {
    rmdirSync(OWN_FILES);
  } catch (cause) {
    // It is others' too, or was never made.
    if (!['ENOTEMPTY', 'ENOENT'].includes(cause.code)) {
      throw cause;
    }
  }
}

/** Ends a program that was started in one, if it has not ended. */
export async function end(child) {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}

/** Removes what a test that was killed could not. */
export async function sweep() {
  const { stdout } = await run('ip', ['netns', 'list']);
  const dead = [...stdout.matchAll(new RegExp(`^${PREFIX}-(\\d+)-\\w+`, 'gm'))].filter(([, pid]) => !isAlive(Number(pid)));
  await Promise.all(dead.map(([name]) => new Namespace(name).remove()));
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return cause.code === 'EPERM';
  }
}
