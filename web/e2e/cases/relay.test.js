// Calls that find no other way than through the server's own relay: over UDP, TCP and TLS, and across a restart.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { WAYS, relayOnly } from '../harness/relay-only.js';
import { Server, startServer } from '../harness/server.js';

describe('a call through the relay', { timeout: 240_000 }, () => {
  let browsers;

  before(async () => {
    const options = { args: ['--ignore-certificate-errors'] };
    browsers = await Promise.all([launchBrowser(options), launchBrowser(options)]);
  });

  after(() => Promise.all((browsers ?? []).map((browser) => browser.close())));

  /** Both in one call that knows no other way. */
  async function meet(t, pattern, links, server) {
    const pages = await Promise.all(browsers.map((browser) => openTab(browser, { ignoreHTTPSErrors: true })));
    t.after(async () => {
      await Promise.all(pages.map((page) => page.context().close()));
      await server.stop();
    });
    const people = pages.map((page) => new CallPage(page));
    await Promise.all(pages.map((page) => page.addInitScript(relayOnly, pattern)));
    for (const [index, person] of people.entries()) {
      await person.join(links[index]);
    }
    await Promise.all(people.map((person) => person.seesOther()));
    return people;
  }

  for (const { name, pattern } of WAYS.slice(0, 2)) {
    test(`over ${name}`, async (t) => {
      const server = await startServer();
      const visit = await new Platform(server).book();
      const [john, jane] = await meet(t, pattern, [visit.client.link, visit.psychologist.link], server);
      await jane.endsVisit();
      await john.reaches('ended');
      john.hasNoComplaints();
    });
  }

  test('over TLS', async (t) => {
    const server = await new Server({ TURN__PUBLIC_HOST: 'localhost' }).start('demo --share=127.0.0.1');
    const links = await server.printed(/https:\S+\/call\/#\S+/g, 2);
    await meet(t, WAYS[2].pattern, links, server);
  });

  test('the relay is back after a restart of the server, and so is the call', async (t) => {
    const server = await startServer();
    const visit = await new Platform(server).book();
    const people = await meet(t, WAYS[0].pattern, [visit.client.link, visit.psychologist.link], server);
    const { iceServers } = await new Platform(server).call('GET', 'video-calls/config', undefined, visit.client.token);
    // As in the field, where the port is a known one.
    server.settings.TURN__PORT = iceServers.find(({ urls }) => urls.endsWith('udp')).urls.match(/:(\d+)\?/)[1];
    await server.restart();
    await Promise.all(people.map((person) => person.seesOther()));
    assert.deepEqual(await Promise.all(people.map((person) => person.state)), ['in-call', 'in-call']);
  });
});
