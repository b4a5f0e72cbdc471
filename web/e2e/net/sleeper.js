// A person whose page can be put to sleep as a browser does it. Playwright keeps every page awake; Puppeteer does not.
import puppeteer from 'puppeteer-core';
import { CHROMIUM } from './launcher.js';
import { PuppetPage } from './puppet-page.js';

const OPTIONS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--allow-loopback-in-peer-connection', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=fps=10'];

export class Sleeper extends PuppetPage {
  #browser;
  #session;

  static async start() {
    const browser = await puppeteer.launch({ executablePath: CHROMIUM, headless: true, args: OPTIONS });
    const page = await browser.newPage();
    const sleeper = new Sleeper(page);
    sleeper.#browser = browser;
    sleeper.#session = await page.createCDPSession();
    return sleeper;
  }

  /** No script of the page runs any more: the lid is shut. */
  fallAsleep() {
    return this.#session.send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  async wakeUp() {
    await this.#session.send('Page.setWebLifecycleState', { state: 'active' });
    await this.#session.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  }

  close() {
    return this.#browser.close();
  }
}
