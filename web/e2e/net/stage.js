// Two people at home, the server and the relay in a data centre, a browser in each home: where faults are tried.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallPage } from '../harness/call-page.js';
import { launchBrowser, openTab } from '../harness/browser.js';
import { Platform } from '../harness/platform.js';
import { Server } from '../harness/server.js';
import { Door } from './door.js';
import { CLOUD_ADDRESS, Internet } from './internet.js';
import { Turn } from './turn.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export class Stage {
  #closing = [];
  #directory = mkdtempSync(join(tmpdir(), 'holdspace-stage-'));

  /** @param {{ settings?: Record<string, string>, cameras?: Record<'john' | 'jane', string> }} options more keys for the server; films in place of the test picture */
  static async set({ settings = {}, cameras = {} } = {}) {
    const stage = new Stage();
    try {
      await stage.#build(settings);
      stage.browsers = { john: await stage.#browser(stage.john, cameras.john), jane: await stage.#browser(stage.jane, cameras.jane) };
    } catch (cause) {
      await stage.close();
      throw cause;
    }
    return stage;
  }

  /** A tab in each home, closed when the test is over; so are the faults. */
  async openBoth(t, options) {
    const pages = await Promise.all([this.browsers.john, this.browsers.jane].map((browser) => openTab(browser, options)));
    t.after(async () => {
      await Promise.all([this.john.heal(), this.jane.heal()]);
      await Promise.all(pages.map((page) => page.context().close()));
    });
    const [john, jane] = pages.map((page) => new CallPage(page));
    return { john, jane };
  }

  /** John, who was there first, and Jane in a call, seeing each other. */
  async inCall(t, options) {
    const visit = await this.book();
    const { john, jane } = await this.openBoth(t, options);
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);
    return { visit, john, jane };
  }

  /** The links lead where the browsers find the server. */
  async book(session) {
    const visit = await this.platform.book(session);
    for (const person of [visit.client, visit.psychologist]) {
      person.link = this.linkTo(visit.id, person.token);
    }
    return visit;
  }

  linkTo(sessionId, token) {
    return `${this.server.url}call/#session=${sessionId}&token=${token}`;
  }

  /** A program as it is started from within this person's home. */
  launcher(home, program) {
    const file = join(this.#directory, `${home.name}-${program.split('/').at(-1)}`);
    writeFileSync(file, `#!/bin/sh\nexec ${home.machine.entrance.join(' ')} ${program} "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  }

  async close() {
    for (const close of this.#closing.reverse()) {
      await close();
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #build(settings) {
    this.internet = await Internet.make();
    this.#closing.push(() => this.internet.close());
    this.john = await this.internet.addHome('john');
    this.jane = await this.internet.addHome('jane');
    const { cloud } = this.internet;
    const turn = await Turn.start(cloud, CLOUD_ADDRESS);
    this.#closing.push(() => turn.stop());
    this.server = new Server({ HTTP__HOST: CLOUD_ADDRESS, ...turn.settings, ...settings }, { entrance: cloud.entrance });
    this.#closing.push(() => this.server.stop());
    await this.server.start();
    const door = await Door.open(cloud, CLOUD_ADDRESS, new URL(this.server.url).port);
    this.#closing.push(() => door.close());
    this.platform = new Platform({ secret: this.server.secret, url: `http://127.0.0.1:${door.port}/` });
  }

  async #browser(home, camera) {
    const executablePath = this.launcher(home, CHROMIUM);
    const browser = await launchBrowser({ executablePath, camera, origin: new URL(this.server.url).origin });
    this.#closing.push(() => browser.close());
    return browser;
  }
}
