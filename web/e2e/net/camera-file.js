// A camera that can be pulled out: a film that Chromium takes for one, and the process of Chromium that plays it.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [WIDTH, HEIGHT, FRAMES] = [320, 240, 10];

export class CameraFile {
  #directory = mkdtempSync(join(tmpdir(), 'holdspace-camera-'));

  constructor() {
    this.path = join(this.#directory, 'camera.y4m');
    this.plugIn();
  }

  plugIn() {
    const frames = Array.from({ length: FRAMES }, (_, index) => [Buffer.from('FRAME\n'), Buffer.alloc((WIDTH * HEIGHT * 3) / 2, 80 + 8 * index)]);
    writeFileSync(this.path, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), ...frames.flat()]));
  }

  /** The browser sees the device end, and finds none in its place. */
  pullOut() {
    rmSync(this.path);
    const players = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && this.#isPlayer(pid));
    players.forEach((pid) => process.kill(Number(pid), 'SIGKILL'));
    if (players.length !== 1) {
      throw new Error(`${players.length} processes play ${this.path}`);
    }
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The name of the film is this test's own, so nobody else's process has it. */
  #isPlayer(pid) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.includes('VideoCaptureService') && command.includes(this.path);
    } catch {
      return false;
    }
  }
}
