// Firefox with a made-up camera, in a namespace, driven from outside.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import puppeteer from 'puppeteer-core';
import { Door } from './door.js';
import { CLOUD_ADDRESS } from './internet.js';
import { end } from './namespace.js';

const FIREFOX = process.env.FIREFOX ?? 'firefox-esr';
const START_MS = 30_000;

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  // Devices and cryptography are for secure origins; the server of the small internet has no certificate.
  'media.devices.insecure.enabled': true,
  'media.getusermedia.insecure.enabled': true,
  'dom.securecontext.allowlist': CLOUD_ADDRESS,
  // Names are looked up on the machine itself.
  'network.trr.mode': 5,
  'network.dns.disableIPv6': true,
  // There is nobody to ask.
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'app.update.disabledForTesting': true,
  'datareporting.policy.dataSubmissionEnabled': false,
};

export class Firefox {
  #profile = mkdtempSync(join(tmpdir(), 'holdspace-firefox-'));
  #process;
  #door;
  #browser;

  static async start(namespace) {
    const firefox = new Firefox();
    try {
      await firefox.#start(namespace);
    } catch (cause) {
      await firefox.close();
      throw cause;
    }
    return firefox;
  }

  /** With cookies of its own. */
  async openTab() {
    const context = await this.#browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ width: 1120, height: 700 });
    return { page, close: () => context.close() };
  }

  async close() {
    // It is ended as it was started; a way out by the protocol takes long.
    await this.#browser?.disconnect();
    await this.#door?.close();
    if (this.#process) {
      await end(this.#process);
    }
    rmSync(this.#profile, { recursive: true, force: true });
  }

  async #start(namespace) {
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
    writeFileSync(join(this.#profile, 'user.js'), lines.join('\n'));
    const options = ['--headless', '--no-remote', '--profile', this.#profile, '--remote-debugging-port=0'];
    this.#process = namespace.spawn(FIREFOX, options, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: this.#profile } });
    const port = await this.#listening();
    this.#door = await Door.open(namespace, '127.0.0.1', port);
    this.#browser = await puppeteer.connect({
      browserWSEndpoint: `ws://127.0.0.1:${this.#door.port}/session`,
      protocol: 'webDriverBiDi',
      acceptInsecureCerts: true,
      // Firefox speaks only to who asks for its own port.
      headers: { host: `127.0.0.1:${port}` },
    });
  }

  #listening() {
    return new Promise((found, failed) => {
      const timer = setTimeout(() => failed(new Error('Firefox does not start')), START_MS);
      this.#process.once('error', failed);
      this.#process.once('exit', (code) => failed(new Error(`Firefox ended with ${code}`)));
      createInterface({ input: this.#process.stderr }).on('line', (line) => {
        const port = /WebDriver BiDi listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (port) {
          clearTimeout(timer);
          found(port);
        }
      });
    });
  }
}
