// Whatever breaks under a call, the people find each other again.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

describe('resume', { timeout: 300_000 }, () => {
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

  /** John and Jane in a call, seeing each other. */
  async function inCall(t) {
    const visit = await platform.book();
    const pages = await Promise.all(browsers.map((browser) => openTab(browser)));
    t.after(() => Promise.all(pages.map((page) => page.context().close())));
    const [john, jane] = pages.map((page) => new CallPage(page));
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);
    return { visit, john, jane };
  }

  /** The first message with a signal of this kind is lost, and the connection with it; the next one holds. */
  async function breakUnder(page, kind) {
    // An event packet, which may ask for an acknowledgement by a number.
    const signal = new RegExp(`^42\\d*\\["${kind}"`);
    let connections = 0;
    let broke;
    const broken = new Promise((resolve) => (broke = resolve));
    await page.routeWebSocket(/socket\.io/, (socket) => {
      const isFirst = (connections += 1) === 1;
      let isOpen = true;
      const upstream = socket.connectToServer();
      socket.onMessage((message) => {
        if (isOpen && isFirst && signal.test(String(message))) {
          isOpen = false;
          upstream.close();
          socket.close();
          broke();
        } else if (isOpen) {
          upstream.send(message);
        }
      });
    });
    return { broken };
  }

  /** The words about comings and goings that a screen reader heard since, in the order in which they were said. */
  function listen(callPage) {
    return callPage.look('announcer', (announcer) => {
      Object.assign(window, { heard: [] });
      new MutationObserver((changes) => window.heard.push(...changes.flatMap(({ addedNodes }) => [...addedNodes].map(({ textContent }) => textContent)))).observe(announcer, { childList: true });
    });
  }

  const heard = (callPage) => callPage.page.evaluate(() => window.heard.filter((words) => /has (joined|left)/.test(words)));

  for (const who of ['first', 'second']) {
    test(`a reload of the ${who} one's tab comes back into its place`, async (t) => {
      const { visit, john, jane } = await inCall(t);
      const [reloaded, other] = who === 'first' ? [john, jane] : [jane, john];
      await listen(other);
      await reloaded.page.reload();
      await reloaded.reaches('in-call');
      await Promise.all([john.seesOther(), jane.seesOther()]);
      assert.deepEqual(await heard(other), [], 'nobody left and nobody joined');
      assert.equal((await platform.session(visit.id)).status, 'In Progress');
      reloaded.hasNoComplaints();
      other.hasNoComplaints();
    });
  }

  test('the other is told while somebody is away, and what was switched off stays off', async (t) => {
    const { john, jane } = await inCall(t);
    await john.at('call-microphone').click();
    await jane.says('call-name', 'microphone off');
    const trouble = jane.says('trouble', 'John Doe is reconnecting');
    const link = john.page.url();
    await john.page.goto('about:blank');
    await trouble;
    await john.open(link);
    await john.reaches('in-call');
    await jane.at('trouble').waitFor({ state: 'hidden' });
    await Promise.all([john.seesOther(), jane.seesOther()]);
    assert.equal(await john.at('call-microphone').getAttribute('aria-checked'), 'false');
    await jane.says('call-name', 'microphone off');
  });

  test('who is away too long has left', async (t) => {
    const { john, jane } = await inCall(t);
    await john.page.goto('about:blank');
    await jane.says('trouble', 'John Doe is reconnecting');
    await jane.says('announcer', 'John Doe has left.');
    await jane.says('alone', 'Waiting for John Doe');
  });

  test('a server that was killed and started again finds both in the call, and the media never stopped', async (t) => {
    const { visit, john, jane } = await inCall(t);
    await Promise.all([john.watchMedia(), jane.watchMedia(), listen(john), listen(jane)]);
    const away = Promise.all([john.reaches('recovering'), jane.reaches('recovering')]);
    await server.restart();
    await away;
    await Promise.all([john.reaches('in-call'), jane.reaches('in-call')]);
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await Promise.all([john.mediaNeverStopped(), jane.mediaNeverStopped()]);
    assert.deepEqual([await heard(john), await heard(jane)], [[], []]);

    await jane.endsVisit();
    await Promise.all([john.reaches('ended'), jane.reaches('ended')]);
    await platform.completed(visit.id);
  });

  for (const [kind, sender] of [
    ['offer', 'john'],
    ['answer', 'jane'],
    ['ice-candidate', 'john'],
    ['ice-candidate', 'jane'],
  ]) {
    test(`when ${sender}'s connection breaks under the ${kind}, the call comes about all the same`, async (t) => {
      const visit = await platform.book();
      const pages = await Promise.all(browsers.map((browser) => openTab(browser)));
      t.after(() => Promise.all(pages.map((page) => page.context().close())));
      const [john, jane] = pages.map((page) => new CallPage(page));
      const { broken } = await breakUnder({ john, jane }[sender].page, kind);
      await john.join(visit.client.link);
      await jane.open(visit.psychologist.link);
      await jane.reaches('ready');
      await jane.at('join').click();
      await broken;
      await Promise.all([john.seesOther(), jane.seesOther()]);
    });
  }

  test('who hangs up and goes elsewhere leaves nothing behind, and finds the way back by a press or the link', async (t) => {
    const { visit, john, jane } = await inCall(t);
    const stored = (page) => page.evaluate(() => Object.keys(sessionStorage));
    await john.at('leave').click();
    await john.reaches('ended');
    await john.at('rejoin').click();
    await Promise.all([john.seesOther(), jane.seesOther()]);

    // A reload during the call still comes back, and takes what it was handed.
    await john.page.reload();
    await Promise.all([john.seesOther(), jane.seesOther()]);
    assert.deepEqual(await stored(john.page), []);

    await john.at('leave').click();
    await john.reaches('ended');
    await john.page.goto(new URL('call/', server.url).href);
    assert.deepEqual(await stored(john.page), []);
    await john.join(visit.client.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);
  });

  test('who looks at the door of a visit that is over leaves nothing behind either', async (t) => {
    const { visit, john, jane } = await inCall(t);
    const stored = (page) => page.evaluate(() => Object.keys(sessionStorage));
    await jane.endsVisit();
    await john.reaches('ended');
    await john.open(visit.client.link);
    await john.reaches('refused');
    await john.page.goto(new URL('call/', server.url).href);
    assert.deepEqual(await stored(john.page), []);
  });

  test('a second tab of the same person takes the place of the first', async (t) => {
    const { visit, john, jane } = await inCall(t);
    const second = await john.secondTab(visit.client.link);
    await second.reaches('ready');
    await second.at('join').click();
    await second.reaches('in-call');
    await john.reaches('ended');
    await john.says('outcome-title', 'The visit goes on elsewhere');
    await Promise.all([second.seesOther(), jane.seesOther()]);
    assert.equal(await jane.at('tile').count(), 1);

    await john.at('rejoin').click();
    await john.reaches('in-call');
    await second.reaches('ended');
    await Promise.all([john.seesOther(), jane.seesOther()]);
  });
});
