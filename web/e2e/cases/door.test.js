// The checks at the door: whether one is heard, whether one hears, and what the network lets through, each said in words.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

/** A port that nobody listens on (RFC 863). */
const NOBODY = 9;

describe('the checks at the door', { timeout: 180_000 }, () => {
  let server, platform, browser;

  before(async () => {
    server = await startServer();
    platform = new Platform(server);
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** John at the open door; `prepare` has his page before the link is opened. */
  async function atTheDoor(t, prepare = () => {}) {
    const page = await openTab(browser);
    t.after(() => page.context().close());
    await prepare(page);
    const { client } = await platform.book();
    const john = await new CallPage(page).open(client.link);
    await john.reaches('ready');
    return john;
  }

  async function testNetwork(john) {
    await john.at('network-fold').locator('summary').click();
    await john.at('test-network').click();
    await john.at('network-verdict').filter({ hasText: /./ }).waitFor();
    const steps = await john.at('network-fold').locator('dl > div').evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent).join(': ')));
    return { verdict: await john.at('network-verdict').textContent(), steps };
  }

  /** Gives the page other relays than the server names. */
  const withRelays = (change) => (page) =>
    page.route('**/api/v1/video-calls/config', async (route) => {
      const response = await route.fetch();
      const reply = await response.json();
      reply.data.iceServers = reply.data.iceServers.map(({ urls, ...rest }) => ({ urls: change(urls), ...rest }));
      await route.fulfill({ response, json: reply });
    });

  test('the bar moves up and down with the sound of the microphone', async (t) => {
    const john = await atTheDoor(t);
    const levels = await john.look('meter', (meter) => {
      const seen = [];
      return new Promise((moved) => {
        new MutationObserver(() => {
          seen.push(Number(meter.getAttribute('aria-valuenow')));
          // The made-up microphone beeps once a second: up, down and up again.
          const first = seen.findIndex((level) => level > 0);
          const quiet = seen.findIndex((level, index) => index > first && first >= 0 && level === 0);
          if (quiet >= 0 && seen.slice(quiet).some((level) => level > 0)) {
            moved(seen);
          }
        }).observe(meter, { attributeFilter: ['aria-valuenow'] });
      });
    });
    assert.ok(Math.max(...levels) <= 100);
    john.hasNoComplaints();
  });

  test('the loudspeaker plays three notes, and the page says so', async (t) => {
    const john = await atTheDoor(t, (page) =>
      page.addInitScript(() => {
        window.played = { states: [], notes: 0 };
        const Real = window.AudioContext;
        window.AudioContext = class extends Real {
          constructor(...given) {
            super(...given);
            this.addEventListener('statechange', () => window.played.states.push(this.state));
          }
        };
        const { start } = OscillatorNode.prototype;
        OscillatorNode.prototype.start = function (...given) {
          this.addEventListener('ended', () => (window.played.notes += 1));
          return start.apply(this, given);
        };
      }),
    );
    await john.at('devices-fold').locator('summary').click();
    await john.page.evaluate(() => (window.played.states = []));
    await john.at('test-sound').click();
    await john.says('test-sound', 'You should hear three notes');
    await john.says('test-sound', 'Test the sound');
    // An oscillator ends when its context has really run past its time.
    assert.deepEqual(await john.page.evaluate(() => window.played), { states: ['running', 'closed'], notes: 3 });
    john.hasNoComplaints();
  });

  test('the network lets a call through, straight and by the real relay', async (t) => {
    const { verdict, steps } = await testNetwork(await atTheDoor(t));
    assert.match(verdict, /^Good: your network lets a call through directly/);
    assert.deepEqual(steps.toSorted(), ['Direct way: works', 'Relay, TCP: works', 'Relay, UDP: works', 'Relay, encrypted (TLS): not set up', 'Server: works']);
  });

  test('a relay that cannot be reached is told of', async (t) => {
    const isolated = withRelays((url) => (url.startsWith('turn') ? url.replace(/:\d+\?/, `:${NOBODY}?`) : url));
    const { verdict, steps } = await testNetwork(await atTheDoor(t, isolated));
    assert.match(verdict, /^Direct calls work\. The relay for strict networks cannot be reached/);
    assert.ok(steps.includes('Relay, UDP: does not work') && steps.includes('Relay, TCP: does not work'), steps.join());
  });

  test('a network that lets nothing through is told of', async (t) => {
    const { verdict, steps } = await testNetwork(await atTheDoor(t, withRelays((url) => url.replace(/:\d+(\?|$)/, `:${NOBODY}$1`))));
    assert.match(verdict, /^Your network blocks video calls/);
    assert.ok(steps.includes('Server: works') && steps.includes('Direct way: does not work'), steps.join());
  });

  test('a server that does not answer is not taken for a missing relay', async (t) => {
    const john = await atTheDoor(t);
    await john.page.route('**/api/v1/**', (route) => route.abort());
    const { verdict, steps } = await testNetwork(john);
    assert.match(verdict, /^The server could not be reached/);
    assert.ok(steps.includes('Server: does not work'), steps.join());
  });
});
