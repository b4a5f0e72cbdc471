// The library by itself, in bare pages: what it does for two people without a page of ours around it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser } from '../harness/browser.js';
import { LibraryPage } from '../harness/library-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

describe('the library', { timeout: 300_000 }, () => {
  let server, platform, browsers;

  before(async () => {
    server = await startServer();
    platform = new Platform(server);
    browsers = await Promise.all([launchBrowser(), launchBrowser()]);
  });

  after(async () => {
    await Promise.all((browsers ?? []).map((browser) => browser.close()));
    await server?.stop();
  });

  async function openBoth(t) {
    const pages = await Promise.all(browsers.map((browser) => LibraryPage.open(browser, server.url)));
    t.after(() => Promise.all(pages.map((page) => page.close())));
    return pages;
  }

  async function inCall(t, options = undefined) {
    const visit = await platform.book();
    const [john, jane] = await openBoth(t);
    await john.join(visit.client, visit.id, options);
    await jane.join(visit.psychologist, visit.id, options);
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    return { visit, john, jane };
  }

  test('both see each other, agree on a safety code, and know how good the path is', async (t) => {
    const { john, jane } = await inCall(t);
    const ready = () => visit.roster[0]?.quality && visit.roster[0].safetyCode;
    const codes = await Promise.all([john.until(ready), jane.until(ready)]);
    assert.match(codes[0], /^\d{3} \d{3}$/);
    assert.equal(codes[0], codes[1]);
    const { isSafe, quality, switches, isRepairing } = await jane.companion();
    assert.equal(isSafe, true, 'the certificate is the one that was signalled');
    assert.deepEqual([quality.path, quality.protocol, quality.videoSent], ['direct', 'udp', 'full']);
    assert.ok(quality.sentKbps > 0 && quality.receivedKbps > 0, JSON.stringify(quality));
    assert.deepEqual(switches, { microphone: true, camera: true, screen: false });
    assert.equal(isRepairing, false);
  });

  test('what is written arrives once and in order, also what was written before the other came and across a reload', async (t) => {
    const visit = await platform.book();
    const [john, jane] = await openBoth(t);
    await john.join(visit.client, visit.id);
    await john.page.evaluate(() => void window.visit.say('Is anybody there?'));
    await jane.join(visit.psychologist, visit.id);
    await jane.until(() => window.visit.messages.length === 1);
    await jane.page.evaluate(() => ['Yes.', 'Hello!'].forEach((text) => window.visit.say(text)));
    await john.until(() => window.visit.messages.length === 3);
    await john.until(() => window.visit.messages[0].isDelivered);
    const read = (page) => page.page.evaluate(() => window.visit.messages.map(({ name, text, isOwn }) => [name, text, isOwn]));
    assert.deepEqual(await read(john), [
      ['John Doe', 'Is anybody there?', true],
      ['Dr. Jane Smith', 'Yes.', false],
      ['Dr. Jane Smith', 'Hello!', false],
    ]);

    const resumeToken = await jane.page.evaluate(() => window.visit.resumeToken);
    await jane.page.reload();
    await john.until(() => window.visit.roster[0]?.isReconnecting);
    await john.page.evaluate(() => void window.visit.say('Are you still there?'));
    await jane.join(visit.psychologist, visit.id, { resumeToken });
    await jane.until(() => window.visit.messages.length === 1);
    await john.until(() => window.visit.messages.every(({ isDelivered }) => isDelivered));
    assert.deepEqual(await read(jane), [['John Doe', 'Are you still there?', false]]);
  });

  test('a screen is shown beside the camera, by either side, and goes when it is no longer shared', async (t) => {
    const { john, jane } = await inCall(t);
    for (const [sharer, viewer] of [[jane, john], [john, jane], [jane, john]]) {
      await sharer.page.evaluate(() => visit.shareScreen());
      await viewer.until(() => visit.roster[0].screen !== null && visit.roster[0].switches.screen);
      await viewer.seesOthers(1, 'screen');
      await viewer.seesOthers();
      await sharer.page.evaluate(() => visit.stopSharing());
      await viewer.until(() => visit.roster[0].screen === null && !visit.roster[0].switches.screen);
      await Promise.all([john.seesOthers(), jane.seesOthers()]);
    }
  });

  test('a screen that is shared already is shown to whoever comes, and comes back', async (t) => {
    const visit = await platform.book();
    const [john, jane] = await openBoth(t);
    await john.join(visit.client, visit.id);
    await john.page.evaluate(() => window.visit.shareScreen());
    await jane.join(visit.psychologist, visit.id);
    await Promise.all([jane.seesOthers(1, 'screen'), jane.seesOthers(), john.seesOthers()]);
    const resumeToken = await jane.page.evaluate(() => window.visit.resumeToken);
    await jane.page.reload();
    await jane.join(visit.psychologist, visit.id, { resumeToken });
    await Promise.all([jane.seesOthers(1, 'screen'), jane.seesOthers(), john.seesOthers()]);
  });
});
