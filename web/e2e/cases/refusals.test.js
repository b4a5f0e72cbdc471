// Whoever is not let in reads why, and when that changes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { MINUTE_MS, Platform, newId } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

const WINDOW_BEFORE_MS = 15 * MINUTE_MS;
const WINDOW_AFTER_MS = 120 * MINUTE_MS;

const clock = (milliseconds) => new Intl.DateTimeFormat('en-GB', { hour: 'numeric', minute: '2-digit' }).format(milliseconds);

describe('refusals', { timeout: 300_000 }, () => {
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

  async function open(t, link, options = undefined) {
    const page = await openTab(browser, options);
    t.after(() => page.context().close());
    return new CallPage(page).open(link);
  }

  async function refuses(page, { state, title, text }) {
    await page.reaches(state);
    await page.says('refusal-title', title);
    await page.says('refusal-text', text);
    assert.equal(await page.at('join').isEnabled({ timeout: 1 }).catch(() => false), false);
  }

  const startOf = async (visit) => Date.parse((await platform.session(visit.id)).sessionDate);

  test('TOO_EARLY: says when the door opens, and lets in by itself', async (t) => {
    const visit = await platform.book({ startsInMinutes: 15 + 4 / 60 });
    const opensAt = (await startOf(visit)) - WINDOW_BEFORE_MS;
    const page = await open(t, visit.client.link);
    await refuses(page, { state: 'waiting', title: 'You are early', text: `The door opens at ${clock(opensAt)}.` });
    await page.says('refusal-countdown', /The door opens in 0:0\d/);
    await page.reaches('ready');
    assert.ok(Date.now() >= opensAt);
  });

  test('TOO_EARLY: names the day when it is not today', async (t) => {
    const visit = await platform.book({ startsInMinutes: 3 * 24 * 60 });
    const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' }).format((await startOf(visit)) - WINDOW_BEFORE_MS);
    const page = await open(t, visit.client.link);
    await refuses(page, { state: 'waiting', title: 'You are early', text: `The door opens on ${day}` });
  });

  test('WINDOW_CLOSED: says until when it was open', async (t) => {
    const visit = await platform.book({ startsInMinutes: -121 });
    const closedAt = (await startOf(visit)) + WINDOW_AFTER_MS;
    const page = await open(t, visit.client.link);
    await refuses(page, { state: 'refused', title: 'This visit is over', text: `until ${clock(closedAt)}` });
  });

  for (const [paymentStatus, title] of [
    ['Pending', 'The payment has not arrived yet'],
    ['Failed', 'The payment did not go through'],
  ]) {
    test(`PAYMENT_${paymentStatus.toUpperCase()}: looks again, and opens once it is paid`, async (t) => {
      const visit = await platform.book({ paymentStatus: 'Pending' });
      await platform.change(visit.id, { paymentStatus });
      const page = await open(t, visit.client.link);
      await refuses(page, { state: 'waiting', title, text: 'This page keeps looking.' });
      await page.says('refusal-countdown', /Looking again in 0:\d\d/);
      await platform.change(visit.id, { paymentStatus: 'Completed' });
      await page.at('look-again').click();
      await page.reaches('ready');
      assert.equal(await page.at('refusal').isVisible(), false);
    });
  }

  test('PAYMENT_REFUNDED', async (t) => {
    const visit = await platform.book();
    await platform.change(visit.id, { paymentStatus: 'Refunded' });
    await refuses(await open(t, visit.client.link), { state: 'refused', title: 'This visit was refunded', text: 'does not take place' });
  });

  test('SESSION_NOT_CONFIRMED: looks again, and opens once it is confirmed', async (t) => {
    const visit = await platform.book({ status: 'Pending' });
    const page = await open(t, visit.client.link);
    await refuses(page, { state: 'waiting', title: 'This visit is not confirmed yet', text: 'once it is confirmed' });
    await platform.change(visit.id, { status: 'Confirmed' });
    await page.at('look-again').click();
    await page.reaches('ready');
  });

  for (const [status, title] of [
    ['Cancelled', 'This visit was cancelled'],
    ['Declined', 'This visit was declined'],
  ]) {
    test(`SESSION_${status.toUpperCase()}`, async (t) => {
      const visit = await platform.book();
      await platform.change(visit.id, { status });
      await refuses(await open(t, visit.client.link), { state: 'refused', title, text: 'does not take place' });
    });
  }

  test('SESSION_COMPLETED', async (t) => {
    const visit = await platform.book();
    await platform.call('POST', `video-calls/start/${visit.id}`, {}, visit.client.token);
    await platform.call('POST', `video-calls/end/${visit.id}`, {}, visit.client.token);
    await refuses(await open(t, visit.client.link), { state: 'refused', title: 'This visit has ended', text: 'cannot be joined again' });
  });

  test('a visit that is cancelled between the door and the room', async (t) => {
    const visit = await platform.book();
    const page = await open(t, visit.client.link);
    await page.reaches('ready');
    await platform.change(visit.id, { status: 'Cancelled' });
    await page.at('join').click();
    await refuses(page, { state: 'refused', title: 'This visit was cancelled', text: 'does not take place' });
  });

  test('a visit that is cancelled while one is in it', async (t) => {
    const visit = await platform.book();
    const page = await open(t, visit.client.link);
    await page.reaches('ready');
    await page.at('join').click();
    await page.reaches('in-call');
    await platform.change(visit.id, { status: 'Cancelled' });
    await page.reaches('ended');
    await page.says('outcome-title', 'This visit was cancelled');
    assert.equal(await page.at('rejoin').isVisible(), false);
  });

  test('AUTHENTICATION_FAILED: an expired, a broken and a missing token', async (t) => {
    const visit = await platform.book();
    const expired = platform.tokenOf(visit.client.id, 'client', 'John Doe', -3600);
    for (const token of [expired, `${visit.client.token}x`, 'nonsense', '']) {
      const page = await open(t, platform.linkTo(visit.id, token));
      await refuses(page, { state: 'refused', title: 'This link does not let you in', text: 'ask for a new one' });
    }
  });

  test("PERMISSION_DENIED: somebody else's visit", async (t) => {
    const visit = await platform.book();
    const stranger = await platform.addUser('Mallory', 'client');
    const page = await open(t, platform.linkTo(visit.id, stranger.token));
    await refuses(page, { state: 'refused', title: 'This visit is not yours', text: 'from your own invitation' });
    assert.equal(await page.at('door-title').textContent(), 'Your visit', 'nothing about the visit is shown');
  });

  test('SESSION_NOT_FOUND and INVALID_SESSION_ID', async (t) => {
    const visit = await platform.book();
    for (const id of [newId(), 'not-an-id']) {
      const page = await open(t, platform.linkTo(id, visit.client.token));
      await refuses(page, { state: 'refused', title: 'There is no such visit', text: 'copy it whole' });
    }
  });

  test('RATE_LIMIT_EXCEEDED: counts down, and goes on by itself', async (t) => {
    const visit = await platform.book();
    for (let request = 0; request < 10; request += 1) {
      await platform.call('GET', `video-calls/can-join/${visit.id}`, undefined, visit.client.token);
    }
    const page = await open(t, visit.client.link);
    await refuses(page, { state: 'waiting', title: 'Too many tries', text: 'goes on by itself' });
    await page.says('refusal-countdown', /Looking again in 0:\d\d/);
  });

  test('a server that cannot be reached, and is back again', async (t) => {
    const visit = await platform.book({ paymentStatus: 'Pending' });
    const page = await open(t, visit.client.link);
    await page.reaches('waiting');
    await page.page.context().setOffline(true);
    await page.at('look-again').click();
    await refuses(page, { state: 'waiting', title: 'The server cannot be reached', text: 'This page keeps trying.' });
    await page.page.context().setOffline(false);
    await page.says('refusal-title', 'The payment has not arrived yet');
  });

  test('ROOM_FULL: an administrator, when all who are booked are there', async (t) => {
    const visit = await platform.book();
    const admin = await platform.addUser('Admin', 'admin');
    for (const link of [visit.client.link, visit.psychologist.link]) {
      const page = await open(t, link);
      await page.reaches('ready');
      await page.at('join').click();
      await page.reaches('in-call');
    }
    const page = await open(t, platform.linkTo(visit.id, admin.token));
    await page.reaches('ready');
    await page.at('join').click();
    await refuses(page, { state: 'refused', title: 'The room is full', text: 'As many people as are booked' });
  });
});

describe('too many connections', { timeout: 120_000 }, () => {
  test('RATE_LIMIT_EXCEEDED of the socket holds the join, and says so', async (t) => {
    const server = await startServer({ RATE_LIMIT__CONNECTIONS_PER_MINUTE: '1' });
    t.after(() => server.stop());
    const browser = await launchBrowser();
    t.after(() => browser.close());
    const visit = await new Platform(server).book();
    const page = await new CallPage(await openTab(browser)).join(visit.client.link);
    await page.at('leave').click();
    await page.at('rejoin').click();
    await page.says('refusal-title', 'Too many tries');
    await page.says('refusal-countdown', /Looking again in 0:\d\d/);
    assert.equal(await page.state, 'connecting');
  });
});

describe('without a camera', { timeout: 120_000 }, () => {
  test('a refused permission is explained, and one can join all the same', async (t) => {
    const server = await startServer();
    t.after(() => server.stop());
    const [allowing, refusing] = await Promise.all([launchBrowser(), launchBrowser({ hasPermission: false })]);
    t.after(() => Promise.all([allowing.close(), refusing.close()]));
    const visit = await new Platform(server).book();
    const john = await new CallPage(await openTab(refusing)).open(visit.client.link);
    await john.says('door-devices', 'does not allow this page to use the microphone and camera');
    await john.says('door-picture', 'Your camera is off');
    await john.reaches('ready');
    await john.at('join').click();
    await john.reaches('in-call');
    const jane = await new CallPage(await openTab(allowing)).join(visit.psychologist.link);
    await john.seesOther();
    await jane.says('tile', 'Camera is off');
    await jane.says('call-name', 'John Doe (microphone off)');
  });
});
