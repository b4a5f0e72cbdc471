// Two people at home, a server with its relay in a data centre, a browser in each home: where faults are tried.
import { CallPage } from '../harness/call-page.js';
import { launchBrowser, openTab } from '../harness/browser.js';
import { Certificate } from './certificate.js';
import { CLOUD_ADDRESS, Internet } from './internet.js';
import { CHROMIUM, Launchers } from './launcher.js';
import { HIDDEN_RELAY, ORIGINS, OWN_RELAY, Site } from './site.js';

/** Two browsers share a machine with much else: half of the frames are enough to see that they come. */
const SLOW_CAMERA = '--use-fake-device-for-media-stream=fps=10';

export class Stage {
  #closing = [];
  #launchers = new Launchers();
  #options = [];
  browsers = {};

  /**
   * @param {{ settings?: Record<string, string>, cameras?: Record<string, string>, people?: string[], relayName?: string, isBehindNat?: boolean }}
   *   options more keys for the server; films in place of the test picture; who has Chromium; a name for the relay,
   *   which offers TLS by it then; whether the server has but a private address behind a public one
   */
  static async set({ settings = {}, cameras = {}, people = ['john', 'jane'], relayName, isBehindNat = false } = {}) {
    const stage = new Stage();
    try {
      await stage.#build(settings, relayName, isBehindNat);
      for (const name of people) {
        stage.browsers[name] = await stage.#browser(stage[name], cameras[name]);
      }
    } catch (cause) {
      await stage.close();
      throw cause;
    }
    return stage;
  }

  /** A tab in each home, closed when the test is over; the faults are mended then. */
  async openBoth(t, options) {
    const pages = await Promise.all([this.browsers.john, this.browsers.jane].map((browser) => openTab(browser, options)));
    t.after(async () => {
      await Promise.all([this.john.heal(), this.jane.heal()]);
      await Promise.all(pages.map((page) => page.context().close()));
    });
    const [john, jane] = pages.map((page) => new CallPage(page));
    return { john, jane };
  }

  /** John, who was there first, and Jane in a call, seeing each other. `prepare` is told each page before it is opened. */
  async inCall(t, { site = this.site, prepare = async () => {} } = {}) {
    const visit = await site.book();
    const { john, jane } = await this.openBoth(t);
    await Promise.all([prepare(john.page), prepare(jane.page)]);
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);
    return { visit, john, jane };
  }

  async close() {
    for (const close of this.#closing.reverse()) {
      await close();
    }
    this.#launchers.remove();
  }

  async #build(settings, relayName, isBehindNat) {
    this.internet = await Internet.make({ hasPrivateCloud: isBehindNat });
    this.#closing.push(() => this.internet.close());
    this.john = await this.internet.addHome('john');
    this.jane = await this.internet.addHome('jane');
    const named = relayName ? this.#nameRelay(relayName) : {};
    this.site = await Site.start(this.internet.cloud, { ...(isBehindNat ? HIDDEN_RELAY : OWN_RELAY), ...named, ...settings });
    this.#closing.push(() => this.site.close());
  }

  /** @returns {Record<string, string>} what the server must know of its relay's name */
  #nameRelay(relayName) {
    this.internet.name({ [relayName]: CLOUD_ADDRESS });
    const certificate = Certificate.make(relayName);
    this.#closing.push(() => certificate.remove());
    this.#options.push('--ignore-certificate-errors');
    return {
      TURN__PUBLIC_HOST: relayName,
      TURN__TLS_PORT: '5349',
      TURN__TLS_CERT_FILE: certificate.file,
      TURN__TLS_KEY_FILE: certificate.keyFile,
    };
  }

  async #browser(home, camera) {
    const options = [...this.#options, ...(camera ? [] : [SLOW_CAMERA])];
    const executablePath = this.#launchers.make(CHROMIUM, { entrance: home.machine.entrance, options });
    const browser = await launchBrowser({ executablePath, camera, origin: ORIGINS.join() });
    this.#closing.push(() => browser.close());
    return browser;
  }
}
