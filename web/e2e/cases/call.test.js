// Two people, two Chromium processes, the page behind the join links.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { MINUTE_MS, Platform } from '../harness/platform.js';
import { Server, startServer } from '../harness/server.js';

describe('a call through the page', { timeout: 240_000 }, () => {
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

  /** A tab in each process, closed when the test is over. */
  async function openBoth(t) {
    const pages = await Promise.all(browsers.map((browser) => openTab(browser)));
    t.after(() => Promise.all(pages.map((page) => page.context().close())));
    const [john, jane] = pages.map((page) => new CallPage(page));
    return { john, jane };
  }

  test('both see each other, and the visit is recorded', async (t) => {
    const visit = await platform.book();
    const { john, jane } = await openBoth(t);
    const openedAt = Date.now();

    await john.join(visit.client.link);
    await john.says('alone', 'Waiting for Dr. Jane Smith');
    await jane.join(visit.psychologist.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);

    await john.says('call-name', 'Dr. Jane Smith');
    await john.says('announcer', 'Dr. Jane Smith has joined.');
    await jane.says('call-name', 'John Doe');
    await Promise.all([john.at('elapsed').waitFor(), jane.at('elapsed').waitFor()]);
    assert.equal((await platform.session(visit.id)).status, 'In Progress');
    assert.equal(await john.at('end').isVisible(), false, 'only the psychologist ends a visit');

    await jane.endsVisit();
    await Promise.all([john.reaches('ended'), jane.reaches('ended')]);
    await Promise.all([john.says('outcome-title', 'The visit has ended'), jane.says('outcome-record', 'less than a minute')]);
    await john.says('outcome-record', 'less than a minute');

    const session = await platform.completed(visit.id);
    assert.ok(Date.parse(session.videoCallStarted) >= openedAt - 1000);
    assert.ok(Date.parse(session.videoCallEnded) <= Date.now() + 1000);
    john.hasNoComplaints();
    jane.hasNoComplaints();
  });

  test('the two links of `holdspace demo` lead into one call', async (t) => {
    const demo = new Server();
    t.after(() => demo.stop());
    await demo.start('demo');
    const links = await demo.printed(/https?:\/\/\S+\/call\/#\S+/g, 2);
    const { john, jane } = await openBoth(t);
    await john.join(links[0]);
    await jane.join(links[1]);
    await Promise.all([john.seesOther(), jane.seesOther()]);
  });

  test('a call that runs already goes on counting, and its whole length is recorded', async (t) => {
    const visit = await platform.book({ startsInMinutes: -10 });
    const startTime = new Date(Date.now() - 7 * MINUTE_MS - 20_000).toISOString();
    await platform.call('POST', `video-calls/start/${visit.id}`, { startTime }, visit.psychologist.token);
    const { john, jane } = await openBoth(t);

    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await john.says('elapsed', /^\d+:\d\d$/);
    assert.ok(Number((await john.at('elapsed').textContent()).split(':')[0]) >= 7);
    await jane.endsVisit();
    await john.at('outcome-record').waitFor();

    const session = await platform.completed(visit.id);
    assert.ok(session.callDuration >= 7);
    await john.says('outcome-record', `${session.callDuration} minutes`);
    assert.equal(session.videoCallStarted, startTime);
  });

  test('the token leaves the address bar, and is in no storage while the page is open', async (t) => {
    const visit = await platform.book();
    const { john } = await openBoth(t);
    await john.join(visit.client.link);
    const found = await john.page.evaluate(() => ({ href: location.href, session: { ...sessionStorage }, local: { ...localStorage }, cookie: document.cookie }));
    assert.equal(found.href, `${server.url}call/#session=${visit.id}`);
    assert.deepEqual({ ...found, href: '' }, { href: '', session: {}, local: {}, cookie: '' });
  });

  test('who hangs up can come back', async (t) => {
    const visit = await platform.book();
    const { john, jane } = await openBoth(t);
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);

    await john.at('leave').click();
    await john.says('outcome-title', 'You hung up');
    await jane.says('announcer', 'John Doe has left.');
    await jane.says('alone', 'Waiting for John Doe');
    await john.at('rejoin').click();
    await john.reaches('in-call');
    await Promise.all([john.seesOther(), jane.seesOther()]);
    assert.equal((await platform.session(visit.id)).status, 'In Progress');
  });

  test('three people, one of them a guest, all see each other', async (t) => {
    const guest = await platform.addUser('Sam Doe', 'client');
    const visit = await platform.book({ guests: [guest.id] });
    const { john, jane } = await openBoth(t);
    const sam = new CallPage(await openTab(browsers[0]));
    t.after(() => sam.page.context().close());
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await sam.join(platform.linkTo(visit.id, guest.token));
    await Promise.all([john, jane, sam].map((person) => person.seesOther(2)));
    await sam.says('call-name', 'John Doe, Dr. Jane Smith');

    await john.at('leave').click();
    await Promise.all([jane.seesOther(), sam.seesOther()]);
    await jane.says('call-name', /^Sam Doe$/);
  });

  test('microphone and camera can be switched off and on, and the other is told', async (t) => {
    const visit = await platform.book();
    const { john, jane } = await openBoth(t);
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);

    await john.at('call-camera').click();
    await john.at('call-microphone').click();
    await jane.says('tile', 'Camera is off');
    await jane.says('call-name', 'John Doe (microphone off)');
    assert.equal(await john.at('call-camera').getAttribute('aria-checked'), 'false');
    await john.at('call-camera').click();
    await john.at('call-microphone').click();
    await jane.at('tile').filter({ hasNotText: 'Camera is off' }).waitFor();
    await jane.says('call-name', /^John Doe$/);
    await jane.seesOther();
  });

  test('the page can be used with the keyboard alone', async (t) => {
    const visit = await platform.book();
    const { jane } = await openBoth(t);
    const focused = () => jane.page.evaluate(() => document.querySelector('holdspace-call').shadowRoot.activeElement?.dataset.testid);
    await jane.open(visit.psychologist.link);
    await jane.reaches('ready');
    while ((await focused()) !== 'join') {
      await jane.page.keyboard.press('Tab');
    }
    await jane.page.keyboard.press('Enter');
    await jane.reaches('in-call');
    assert.equal(await focused(), 'call-title');
    while ((await focused()) !== 'end') {
      await jane.page.keyboard.press('Tab');
    }
    await jane.page.keyboard.press('Enter');
    await jane.at('end-dialog').waitFor();
    await jane.page.keyboard.press('Escape');
    await jane.at('end-dialog').waitFor({ state: 'hidden' });
    assert.equal(await focused(), 'end');
  });
});
