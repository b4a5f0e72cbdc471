// axe-core finds nothing to complain about on any screen, nothing is wider than a narrow window, and hands on a keyboard
// are enough for a whole visit.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Presses of Tab from one end of a screen to the other. */
const TABS_MAX = 40;

/** What axe finds, one line each; the pictures of people have no captions to offer. */
async function violations({ page }) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const result = await window.axe.run(document, { rules: { 'video-caption': { enabled: false } } });
    return result.violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`));
  });
}

/** Elements that stick out to the side, and buttons that are too small to be hit (WCAG 2.5.8). */
const misfits = ({ page }) =>
  page.evaluate(() => {
    const { shadowRoot } = document.querySelector('holdspace-call');
    const visible = [...shadowRoot.querySelectorAll('*')].filter((element) => element.checkVisibility() && !element.closest('.heard-only, svg'));
    const sticksOut = visible.filter((element) => {
      const { left, right, width, height } = element.getBoundingClientRect();
      return width > 1 && height > 1 && (left < -1 || right > window.innerWidth + 1);
    });
    const isSmall = visible.filter((element) => element.matches('button, select, summary, input, a') && Math.min(element.getBoundingClientRect().width, element.getBoundingClientRect().height) < 24);
    return [...sticksOut.map((element) => `sticks out: ${element.outerHTML.slice(0, 80)}`), ...isSmall.filter((element) => element.type !== 'checkbox').map((element) => `small: ${element.outerHTML.slice(0, 80)}`)];
  });

describe('accessibility', { timeout: 600_000 }, () => {
  let server, platform, browser, shy;

  before(async () => {
    server = await startServer({ PAGE__SUPPORT_PHONE: '+49 30 1234567', PAGE__SUPPORT_TEXT: 'Call us:' });
    platform = new Platform(server);
    [browser, shy] = await Promise.all([launchBrowser(), launchBrowser({ hasPermission: false })]);
  });

  after(async () => {
    await Promise.all([browser?.close(), shy?.close()]);
    await server?.stop();
  });

  const VARIANTS = [
    { name: 'in English, wide and light', locale: 'en-GB', colorScheme: 'light', viewport: { width: 1120, height: 700 } },
    { name: 'in English, narrow and dark', locale: 'en-GB', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
    { name: 'in Arabic, wide and dark', locale: 'ar', colorScheme: 'dark', viewport: { width: 1120, height: 700 } },
    { name: 'in Arabic, narrow and light', locale: 'ar', colorScheme: 'light', viewport: { width: 360, height: 640 } },
    { name: 'in German, at 200 % of a small window', locale: 'de', colorScheme: 'light', viewport: { width: 640, height: 400 } },
  ];

  const check = async (screen, page) => assert.deepEqual([screen, await violations(page), await misfits(page)], [screen, [], []]);

  for (const { name, ...options } of VARIANTS) {
    test(`every screen, ${name}`, async (t) => {
      const open = async (from, link, more = options) => {
        const page = await openTab(from, more);
        t.after(() => page.context().close());
        return new CallPage(page).open(link);
      };

      const early = await open(browser, (await platform.book({ startsInMinutes: 60 })).client.link);
      await early.reaches('waiting');
      await check('early', early);
      const cancelled = await platform.book();
      await platform.change(cancelled.id, { status: 'Cancelled' });
      const shut = await open(browser, cancelled.client.link);
      await shut.reaches('refused');
      await check('shut', shut);

      const visit = await platform.book();
      const jane = await open(shy, visit.psychologist.link);
      await jane.reaches('ready');
      await jane.at('door-retry').waitFor();
      await jane.at('devices-fold').locator('summary').click();
      await jane.at('network-fold').locator('summary').click();
      await check('door', jane);
      await jane.at('join').click();
      await jane.at('alone').waitFor();
      await check('alone', jane);
      const john = await open(browser, visit.client.link, { viewport: { width: 640, height: 480 } });
      await john.reaches('ready');
      await john.at('join').click();
      await jane.seesOther();
      await jane.at('elapsed').waitFor();
      await check('call', jane);
      for (const [button, panel] of [['safety', 'panel-safety'], ['chat', 'panel-chat'], ['more', 'panel-settings']]) {
        await jane.at(button).click();
        await jane.at(panel).waitFor();
        await check(panel, jane);
        await jane.at('close-panel').click();
      }
      await jane.page.keyboard.press('?');
      await jane.at('help-dialog').waitFor();
      await check('help', jane);
      await jane.at('close-help').click();
      await john.page.goto('about:blank');
      await jane.at('trouble').locator('p').first().waitFor();
      await check('trouble', jane);
      await jane.at('end').click();
      await check('end', jane);
      await jane.at('end-yes').click();
      await jane.reaches('ended');
      await check('after', jane);
    });

    test(`the screens of three people, ${name}`, async (t) => {
      const guest = await platform.addUser('Sam Doe', 'client');
      const visit = await platform.book({ guests: [guest.id], sessionType: 'Group' });
      const page = await openTab(browser, options);
      t.after(() => page.context().close());
      const connection = await holdConnection(page);
      await page.addInitScript(shareCanvas);
      const jane = await new CallPage(page).open(visit.psychologist.link);
      await jane.reaches('ready');
      await jane.at('network-fold').locator('summary').click();
      await jane.at('test-network').click();
      await check('network test runs', jane);
      await jane.at('network-verdict').filter({ hasText: /./ }).waitFor();
      await check('network test', jane);
      await jane.at('devices-fold').locator('summary').click();
      await check('devices', jane);
      connection.breakOff();
      await jane.at('join').click();
      await jane.at('cancel').waitFor();
      await check('connecting', jane);
      connection.mend();
      await jane.reaches('in-call');

      const others = [];
      for (const link of [visit.client.link, platform.linkTo(visit.id, guest.token)]) {
        const other = await openTab(browser, { viewport: { width: 640, height: 480 } });
        t.after(() => other.context().close());
        await other.addInitScript(shareCanvas);
        others.push(await new CallPage(other).join(link));
      }
      await jane.seesOther(2);
      await check('group', jane);
      await jane.at('safety').click();
      await jane.at('safety-code').nth(1).filter({ hasText: /^\d{3} \d{3}$/ }).waitFor();
      await check('safety codes', jane);
      await jane.at('chat').click();
      await others[0].at('chat').click();
      for (const person of [jane, others[0]]) {
        await person.at('draft').fill('Good morning! Is the picture all right?');
        await person.at('send').click();
      }
      await jane.at('message').nth(1).waitFor();
      await check('chat with messages', jane);
      await Promise.all([jane, others[0]].map((person) => person.at('close-panel').click()));
      await jane.at('share').click();
      await jane.at('stop-sharing').waitFor();
      await check('sharing', jane);
      await jane.at('stop-sharing').click();
      await others[0].at('share').click();
      await jane.at('screen-tile').waitFor();
      await check('a shared screen', jane);
      await others[0].at('stop-sharing').click();
      await jane.at('screen-tile').waitFor({ state: 'detached' });

      connection.breakOff();
      await jane.reaches('recovering');
      await jane.at('trouble').locator('p').first().waitFor();
      await check('no way to the server', jane);
      connection.mend();
      await jane.reaches('in-call');
      await jane.at('leave').click();
      await jane.at('rejoin').waitFor();
      // As in a frame, whose parent hears of it.
      await page.evaluate(() => document.querySelector('holdspace-call').setAttribute('rating', ''));
      await jane.at('rating').waitFor();
      await check('rating', jane);
      await jane.at('rate-great').click();
      await check('rated', jane);
    });
  }

  test('a whole visit with the keyboard alone', async (t) => {
    const visit = await platform.book();
    const page = await openTab(browser);
    t.after(() => page.context().close());
    const jane = await new CallPage(page).open(visit.psychologist.link);
    const focus = () => page.evaluate(() => document.querySelector('holdspace-call').shadowRoot.activeElement?.dataset.testid);
    const tabTo = async (name) => {
      for (let presses = 0; presses < TABS_MAX && (await focus()) !== name; presses += 1) {
        await page.keyboard.press('Tab');
      }
      assert.equal(await focus(), name);
    };
    await jane.reaches('ready');
    await page.locator('[data-testid=door-camera][aria-checked=true]').waitFor();
    await tabTo('door-camera');
    await page.keyboard.press('Space');
    await jane.says('door-picture', 'Your camera is off');
    await tabTo('join');
    await page.keyboard.press('Enter');
    await jane.reaches('in-call');
    assert.equal(await focus(), 'call-title');
    await tabTo('call-camera');
    await page.keyboard.press('Space');
    await page.locator('[data-testid=call-camera][aria-checked=true]').waitFor();

    const john = await new CallPage(await openTab(browser)).join(visit.client.link);
    t.after(() => john.page.context().close());
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await tabTo('chat');
    await page.keyboard.press('Enter');
    await jane.at('panel-chat').waitFor();
    await tabTo('draft');
    await page.keyboard.type('Hello');
    await page.keyboard.press('Enter');
    await john.says('announcer', 'Dr. Jane Smith writes: Hello');
    await page.keyboard.press('Escape');
    assert.equal(await focus(), 'chat');
    await tabTo('move-own');
    await page.keyboard.press('ArrowUp');
    assert.equal(await jane.at('own').getAttribute('data-corner'), 'top-right');
    await tabTo('end');
    await page.keyboard.press('Enter');
    await jane.at('end-dialog').waitFor();
    await page.keyboard.press('Escape');
    await jane.at('end-dialog').waitFor({ state: 'hidden' });
    assert.equal(await focus(), 'end');
    await page.keyboard.press('Enter');
    await tabTo('end-yes');
    await page.keyboard.press('Enter');
    await jane.reaches('ended');
    assert.equal(await focus(), 'outcome-title');
    await platform.completed(visit.id);
  });

  test('the language is changed by the person, and nothing but that and the devices is left in the browser', async (t) => {
    const visit = await platform.book();
    const page = await openTab(browser);
    t.after(() => page.context().close());
    const jane = await new CallPage(page).open(visit.psychologist.link);
    await jane.reaches('ready');
    await jane.at('language').selectOption('de');
    await jane.says('door-title', 'Ihr Termin mit John Doe');
    assert.equal(await page.title(), 'Ihr Termin mit John Doe');
    await jane.at('language').selectOption('ar');
    await page.waitForFunction(() => document.documentElement.dir === 'rtl' && document.documentElement.lang === 'ar');
    await page.reload();
    await jane.says('door-title', 'جلستكم مع');
    await jane.at('devices-fold').locator('summary').click();
    await jane.at('choose-camera').selectOption({ index: 1 });
    await jane.at('join').click();
    await jane.reaches('in-call');
    const john = await new CallPage(await openTab(browser)).join(visit.client.link);
    t.after(() => john.page.context().close());
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await jane.endsVisit();
    await jane.reaches('ended');
    await page.goto(new URL('call/', server.url).href);
    const left = await page.evaluate(async () => ({
      local: Object.keys(localStorage).sort(),
      session: Object.keys(sessionStorage),
      cookies: document.cookie,
      databases: await indexedDB.databases(),
      caches: await caches.keys(),
    }));
    assert.deepEqual(left, { local: ['holdspace:devices', 'holdspace:language'], session: [], cookies: '', databases: [], caches: [] });
  });
});

/** Runs in the page: the dialog that asks what to share is the browser's own, and no test can answer it. */
function shareCanvas() {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    setInterval(() => context.fillRect(0, 0, canvas.width, canvas.height), 50);
    return canvas.captureStream(20);
  };
}

/** The page's way to the server's socket, which breaks off and stays so until it is mended. */
async function holdConnection(page) {
  let isBroken = false;
  const ends = new Set();
  await page.routeWebSocket(/socket\.io/, (socket) => {
    if (isBroken) {
      socket.close();
      return;
    }
    const upstream = socket.connectToServer();
    ends.add(() => {
      upstream.close();
      socket.close();
    });
  });
  await page.route(/socket\.io/, (route) => (isBroken ? route.abort() : route.continue()));
  return {
    breakOff: () => {
      isBroken = true;
      ends.forEach((end) => end());
      ends.clear();
    },
    mend: () => {
      isBroken = false;
    },
  };
}
