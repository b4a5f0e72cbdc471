// Programs started from within a namespace, or with more options, by who only takes the path of a program.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export class Launchers {
  #directory = mkdtempSync(join(tmpdir(), 'holdspace-launch-'));
  #count = 0;

  /** @returns {string} a program that is `program`, behind `entrance` and with `options` after those it is given */
  make(program, { entrance = [], options = [] }) {
    this.#count += 1;
    const file = join(this.#directory, `launch-${this.#count}`);
    writeFileSync(file, `#!/bin/sh\nexec ${[...entrance, program].join(' ')} "$@" ${options.join(' ')}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
