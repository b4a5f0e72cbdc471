// The element in a page of somebody else, and the page in a frame: what they tell, and what they may be asked.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

/** A page that keeps what it is told, by messages and by events. */
const PAGE = `<!doctype html><html lang="en"><title>A platform</title><style>
    html, body, main, iframe, holdspace-call { height: 100%; width: 100%; margin: 0; border: 0 }
    holdspace-call::part(join-button) { text-transform: uppercase }
  </style><main></main><script>
    window.heard = [];
    addEventListener('message', ({ data, origin }) => heard.push({ ...data, origin }));
    for (const name of ['state', 'people', 'ended', 'rated', 'language', 'heading']) {
      addEventListener('holdspace-' + name, ({ type, detail }) => heard.push({ type, ...detail }));
    }
  </script></html>`;

/** Another name for this machine than the server's, so that it is another site for the browser. */
async function servePlatform() {
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${server.address().port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('in a page of a platform', { timeout: 240_000 }, () => {
  let outside, server, platform, browser;

  before(async () => {
    outside = await servePlatform();
    server = await startServer({ PAGE__FRAME_ANCESTORS: outside.origin, HTTP__CORS_ORIGINS: outside.origin });
    platform = new Platform(server);
    browser = await launchBrowser();
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await outside?.close();
  });

  async function openPlatform(t) {
    const page = await openTab(browser);
    t.after(() => page.context().close());
    await page.goto(outside.origin);
    return page;
  }

  const hears = (page, type, facts = {}) =>
    page.waitForFunction(([name, wanted]) => window.heard.some((one) => one.type === name && Object.entries(wanted).every(([key, value]) => JSON.stringify(one[key]) === JSON.stringify(value))), [`holdspace-${type}`, facts]);

  test('the element goes from the door to the end, told by events and shaped by parts', async (t) => {
    const visit = await platform.book();
    const page = await openPlatform(t);
    await page.evaluate(
      async ([source, session, token]) => {
        await import(source);
        const call = document.createElement('holdspace-call');
        Object.entries({ session, token, lang: 'fr', rating: '', theme: 'dark', 'support-phone': '+33 1 23' }).forEach(([name, value]) => call.setAttribute(name, value));
        document.querySelector('main').append(call);
      },
      [new URL('call/holdspace-call.js', server.url).href, visit.id, visit.client.token],
    );
    await hears(page, 'state', { state: 'ready', code: null });
    await hears(page, 'language', { code: 'fr', direction: 'ltr' });
    await hears(page, 'heading', { text: 'Votre consultation avec Dr. Jane Smith' });
    const john = new CallPage(page);
    assert.equal(await john.look('join', (button) => getComputedStyle(button).textTransform), 'uppercase');
    await john.at('join').click();
    await hears(page, 'state', { state: 'in-call' });

    const jane = await new CallPage(await openTab(browser)).join(visit.psychologist.link);
    t.after(() => jane.page.context().close());
    await hears(page, 'people', { people: [{ userId: visit.psychologist.id, name: 'Dr. Jane Smith', role: 'psychologist' }] });
    await Promise.all([john.seesOther(), jane.seesOther()]);
    // Moved within its page, it keeps its visit.
    await page.evaluate(() => document.body.append(document.querySelector('holdspace-call')));
    await jane.endsVisit();
    await hears(page, 'ended', { cause: 'completed', minutes: 0 });
    await john.says('support', '+33 1 23');
    await john.at('rate-great').click();
    await hears(page, 'rated', { rating: 'great' });
    await page.evaluate(() => document.querySelector('holdspace-call').remove());
    assert.deepEqual(page.complaints, []);
  });

  test('an element that is taken away leaves the visit', async (t) => {
    const visit = await platform.book();
    const page = await openPlatform(t);
    await page.evaluate(
      async ([source, session, token]) => {
        await import(source);
        document.querySelector('main').innerHTML = `<holdspace-call session="${session}" token="${token}"></holdspace-call>`;
      },
      [new URL('call/holdspace-call.js', server.url).href, visit.id, visit.client.token],
    );
    await hears(page, 'state', { state: 'ready' });
    await page.getByTestId('join').click();
    await hears(page, 'state', { state: 'in-call' });
    const jane = await new CallPage(await openTab(browser)).join(visit.psychologist.link);
    t.after(() => jane.page.context().close());
    await jane.seesOther();
    await page.evaluate(() => document.querySelector('holdspace-call').remove());
    await jane.says('announcer', 'John Doe has left.');
  });

  test('the page in a frame tells its parent, and does what that asks', async (t) => {
    const visit = await platform.book();
    const page = await openPlatform(t);
    await page.evaluate((link) => {
      const frame = document.createElement('iframe');
      frame.allow = 'camera; microphone; display-capture; autoplay; fullscreen; picture-in-picture';
      frame.src = link;
      document.querySelector('main').append(frame);
    }, visit.client.link);
    const say = (message) => page.evaluate(([data, origin]) => document.querySelector('iframe').contentWindow.postMessage(data, origin), [message, new URL(server.url).origin]);
    await hears(page, 'state', { state: 'ready', origin: new URL(server.url).origin });
    await say({ type: 'holdspace-set-language', code: 'es' });
    await hears(page, 'language', { code: 'es' });
    await say({ type: 'holdspace-join' });
    await hears(page, 'state', { state: 'in-call' });
    await say({ type: 'holdspace-set-microphone', isOn: false });
    const frame = page.frameLocator('iframe');
    await frame.locator('[data-testid=call-microphone][aria-checked=false]').waitFor();
    // Nobody but the parent is heard, not even the page itself.
    await page.frames()[1].evaluate(() => window.postMessage({ type: 'holdspace-leave' }, '*'));
    await say({ type: 'holdspace-set-microphone', isOn: true });
    await frame.locator('[data-testid=call-microphone][aria-checked=true]').waitFor();
    await say({ type: 'holdspace-leave' });
    await hears(page, 'ended', { cause: 'left' });
    await frame.getByTestId('rate-okay').click();
    await hears(page, 'rated', { rating: 'okay' });
  });
});
