// The API reference's own usage example, with simple-peer 9.11.1, in two Chromium processes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { routeExample, serveExample } from '../harness/files.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';
import { verbatimPage } from '../usage-example/verbatim.js';

describe('the usage example of the reference', { timeout: 240_000 }, () => {
  let browsers, files;

  before(async () => {
    files = await serveExample();
    browsers = await Promise.all([launchBrowser(), launchBrowser()]);
  });

  after(async () => {
    await Promise.all((browsers ?? []).map((browser) => browser.close()));
    await files?.close();
  });

  async function setUp(t, settings) {
    const server = await startServer(settings);
    t.after(() => server.stop());
    const platform = new Platform(server);
    const pages = await Promise.all(browsers.map((browser) => openTab(browser)));
    t.after(() => Promise.all(pages.map((page) => page.context().close())));
    return { server, platform, visit: await platform.book(), people: pages.map((page) => new CallPage(page)) };
  }

  for (const trickle of [false, true]) {
    test(`from another origin, trickle ${trickle ? 'on' : 'off'}`, async (t) => {
      const { server, platform, visit, people } = await setUp(t, { HTTP__CORS_ORIGINS: files.origin });
      for (const [index, user] of [visit.client, visit.psychologist].entries()) {
        await people[index].open(`${files.origin}/index.html`);
        const options = { serverUrl: server.url, token: user.token, sessionId: visit.id, user, trickle };
        await people[index].page.evaluate((settings) => window.startCall(settings), options);
      }
      await Promise.all(people.map((person) => person.seesOther()));

      const [john, jane] = people.map((person) => person.page);
      const started = await john.evaluate(() => window.call.start());
      assert.equal(started.status, 200);
      assert.equal(started.data.session.status, 'In Progress');
      const again = await jane.evaluate(() => window.call.start());
      assert.deepEqual([again.status, again.error.code], [400, 'CALL_ALREADY_STARTED']);
      const ended = await jane.evaluate(() => window.call.end());
      assert.equal(ended.status, 200);
      assert.equal(ended.data.duration, ended.data.session.callDuration);

      const session = await platform.completed(visit.id);
      assert.equal(session.videoCallStarted, started.data.session.videoCallStarted);
      for (const page of [john, jane]) {
        await page.waitForFunction(() => ['call-started', 'call-ended'].every((name) => window.call.events.includes(name)));
        assert.equal(await page.evaluate(() => window.call.remaining), '9', 'the rate-limit headers can be read');
      }
      people.forEach((person) => person.hasNoComplaints());
    });
  }

  test('word for word, with compat.flat_responses', async (t) => {
    const { server, platform, visit, people } = await setUp(t, { COMPAT__FLAT_RESPONSES: 'true' });
    for (const [index, user] of [visit.client, visit.psychologist].entries()) {
      const { page } = people[index];
      const currentUser = { id: user.id, name: user.name, role: user.role };
      await routeExample(page, verbatimPage({ sessionId: visit.id, jwtToken: user.token, currentUser, SERVER_URL: new URL(server.url).origin }));
      await page.goto(`${server.url}example/index.html`);
      await page.waitForFunction(() => window.stage !== undefined);
    }
    await Promise.all(people.map((person) => person.seesOther()));
    for (const { page } of people) {
      await page.waitForFunction(() => window.stage === 'started' && window.end !== undefined);
    }
    assert.equal((await platform.session(visit.id)).status, 'In Progress');
    for (const { page } of people) {
      await page.evaluate(() => window.end());
      await page.waitForFunction(() => window.stage === 'ended');
    }
    await platform.completed(visit.id);
    people.forEach((person) => person.hasNoComplaints());
  });
});
