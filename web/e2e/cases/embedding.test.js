// The element in a page of somebody else, and the page in a frame: what they tell, and what they may be asked.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

/** A page that keeps what it is told, by messages and by events; with the element that its fragment describes, if it does. */
const PAGE = `<!doctype html><html lang="en"><title>A platform</title><style>
    html, body, main, iframe, holdspace-call { height: 100%; width: 100%; margin: 0; border: 0 }
    holdspace-call::part(join-button) { text-transform: uppercase }
  </style><main></main><script>
    window.heard = [];
    addEventListener('message', ({ data, origin }) => heard.push({ ...data, origin }));
    for (const name of ['state', 'people', 'ended', 'rated', 'language', 'heading']) {
      addEventListener('holdspace-' + name, ({ type, detail }) => heard.push({ type, ...detail }));
    }
    const { source, ...attributes } = JSON.parse(decodeURIComponent(location.hash.slice(1)) || '{}');
    if (source) {
      import(source).then(() => {
        const call = document.createElement('holdspace-call');
        Object.entries(attributes).forEach(([name, value]) => call.setAttribute(name, value));
        document.querySelector('main').append(call);
      });
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

  test('each variable is what is painted', async (t) => {
    const colours = ['accent', 'on-accent', 'danger', 'on-danger', 'background', 'surface', 'text', 'text-soft', 'line', 'edge', 'tile'];
    const colourOf = Object.fromEntries(colours.map((name, index) => [name, `rgb(${10 + index}, ${100 + index}, ${200 + index})`]));
    const style = Object.entries({ ...colourOf, radius: '7px', font: 'Chosen, serif' }).map(([name, value]) => `--holdspace-${name}: ${value}`).join('; ');
    const visit = await platform.book();
    const page = await openPlatform(t);
    const described = { source: new URL('call/holdspace-call.js', server.url).href, session: visit.id, token: visit.psychologist.token, style };
    await page.goto(`${outside.origin}/?colours#${encodeURIComponent(JSON.stringify(described))}`);
    await hears(page, 'state', { state: 'ready' });
    const jane = new CallPage(page);
    const inRoot = (selector, property) => page.evaluate(([what, one]) => getComputedStyle(document.querySelector('holdspace-call').shadowRoot.querySelector(what))[one], [selector, property]);

    await jane.at('devices-fold').locator('summary').click();
    assert.deepEqual(await jane.painted('join', 'backgroundColor', 'color'), [colourOf.accent, colourOf['on-accent']]);
    assert.deepEqual([await inRoot('.root', 'backgroundColor'), await inRoot('.root', 'fontFamily')], [colourOf.background, 'Chosen, serif']);
    assert.deepEqual(await jane.painted('door-title', 'color'), [colourOf.text]);
    assert.deepEqual(await jane.painted('door-name', 'color'), [colourOf['text-soft']]);
    assert.deepEqual(await jane.painted('choose-camera', 'backgroundColor', 'borderTopColor'), [colourOf.surface, colourOf.edge]);
    assert.deepEqual(await jane.painted('devices-fold', 'borderTopColor'), [colourOf.line]);
    assert.deepEqual([await inRoot('.preview .frame', 'backgroundColor'), await inRoot('.preview .frame', 'borderTopLeftRadius')], [colourOf.tile, '7px']);
    await jane.at('join').click();
    await hears(page, 'state', { state: 'in-call' });
    await jane.at('end').click();
    assert.deepEqual(await jane.painted('end-yes', 'backgroundColor', 'color'), [colourOf.danger, colourOf['on-danger']]);
  });

  test('the element comes back into its place when the page around it is loaded anew', async (t) => {
    const visit = await platform.book();
    const page = await openPlatform(t);
    const described = { source: new URL('call/holdspace-call.js', server.url).href, session: visit.id, token: visit.client.token };
    await page.goto(`${outside.origin}/?visit#${encodeURIComponent(JSON.stringify(described))}`);
    await hears(page, 'state', { state: 'ready' });
    await page.getByTestId('join').click();
    await hears(page, 'state', { state: 'in-call' });
    const jane = await new CallPage(await openTab(browser)).join(visit.psychologist.link);
    t.after(() => jane.page.context().close());
    const john = new CallPage(page);
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await page.getByTestId('call-microphone').click();
    await jane.says('call-name', 'microphone off');
    await jane.look('announcer', (announcer) => {
      window.said = [];
      new MutationObserver((changes) => window.said.push(...changes.flatMap(({ addedNodes }) => [...addedNodes].map(({ textContent }) => textContent)))).observe(announcer, { childList: true });
    });
    await page.reload();
    await hears(page, 'state', { state: 'in-call' });
    await Promise.all([john.seesOther(), jane.seesOther()]);
    assert.equal(await page.getByTestId('call-microphone').getAttribute('aria-checked'), 'false');
    assert.deepEqual(await jane.page.evaluate(() => window.said.filter((words) => /has (joined|left)/.test(words))), [], 'nobody left and nobody joined');

    await page.getByTestId('leave').click();
    await hears(page, 'ended', { cause: 'left' });
    await page.reload();
    await hears(page, 'state', { state: 'ready' });
    assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
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

  /** The call in a frame, and what the page around it says to it. */
  async function openFrame(page, link) {
    await page.evaluate((source) => {
      const frame = document.createElement('iframe');
      frame.allow = 'camera; microphone; display-capture; autoplay; fullscreen; picture-in-picture; screen-wake-lock';
      frame.src = source;
      document.querySelector('main').append(frame);
    }, link);
    return (message) => page.evaluate(([data, origin]) => document.querySelector('iframe').contentWindow.postMessage(data, origin), [message, new URL(server.url).origin]);
  }

  /** Keeps what messages reach a window, from wherever. */
  const listenIn = (window) =>
    window.evaluate(() => {
      globalThis.reached = [];
      addEventListener('message', ({ data }) => globalThis.reached.push(data.type));
    });
  const hasReached = (window, type) => window.waitForFunction((name) => globalThis.reached.includes(name), type);

  /** A page of another origin beside the call, and what it says to it. */
  async function openStranger(page) {
    const source = `${outside.origin.replace('localhost', '127.0.0.1')}/stranger`;
    await page.evaluate(async (address) => {
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      await new Promise((loaded) => frame.addEventListener('load', loaded));
    }, source);
    const stranger = page.frame({ url: source });
    return (message) => stranger.evaluate((data) => parent.frames[0].postMessage(data, '*'), message);
  }

  test('the page in a frame tells its parent, and does what that asks', async (t) => {
    const visit = await platform.book();
    const page = await openPlatform(t);
    const say = await openFrame(page, visit.client.link);
    await hears(page, 'state', { state: 'ready', origin: new URL(server.url).origin });
    await hears(page, 'heading', { text: 'Your visit with Dr. Jane Smith' });
    await say({ type: 'holdspace-set-language', code: 'es' });
    await hears(page, 'language', { code: 'es' });
    await say({ type: 'holdspace-join' });
    await hears(page, 'state', { state: 'in-call' });
    await say({ type: 'holdspace-set-microphone', isOn: false });
    const frame = page.frameLocator('iframe');
    await frame.locator('[data-testid=call-microphone][aria-checked=false]').waitFor();
    await say({ type: 'holdspace-set-microphone', isOn: true });
    await frame.locator('[data-testid=call-microphone][aria-checked=true]').waitFor();
    for (const isOn of [false, true]) {
      await say({ type: 'holdspace-set-camera', isOn });
      await frame.locator(`[data-testid=call-camera][aria-checked=${isOn}]`).waitFor();
    }
    await say({ type: 'holdspace-leave' });
    await hears(page, 'ended', { cause: 'left' });
    await frame.getByTestId('rate-okay').click();
    await hears(page, 'rated', { rating: 'okay' });
    assert.deepEqual(page.complaints, []);
  });

  test('in a frame nobody but the parent is heard, whatever they say', async (t) => {
    const visit = await platform.book();
    const page = await openPlatform(t);
    const say = await openFrame(page, visit.client.link);
    const stranger = await openStranger(page);
    await hears(page, 'state', { state: 'ready' });
    const [, call] = page.frames();
    await listenIn(call);
    await stranger({ type: 'holdspace-join' });
    await hasReached(call, 'holdspace-join');
    await say({ type: 'holdspace-join' });
    await hears(page, 'state', { state: 'in-call' });
    const orders = [{ type: 'holdspace-set-microphone', isOn: false }, { type: 'holdspace-set-camera', isOn: false }, { type: 'holdspace-set-language', code: 'es' }, { type: 'holdspace-leave' }];
    for (const order of orders) {
      await stranger(order);
      // Not even the page itself.
      await call.evaluate((data) => window.postMessage(data, '*'), order);
      await call.waitForFunction((name) => globalThis.reached.filter((one) => one === name).length === 2, order.type);
    }
    await say({ type: 'holdspace-set-language', code: 'de' });
    await hears(page, 'language', { code: 'de' });
    const frame = page.frameLocator('iframe').first();
    assert.deepEqual(await Promise.all(['call-microphone', 'call-camera'].map((name) => frame.getByTestId(name).getAttribute('aria-checked'))), ['true', 'true']);
    const heard = await page.evaluate(() => window.heard.map(({ type, state, code }) => [type, state ?? code ?? null].join(' ')));
    const states = heard.filter((one) => /state/.test(one));
    assert.equal(states.filter((one) => /connecting/.test(one)).length, 1, 'joined once');
    assert.equal(states.at(-1), 'holdspace-state in-call');
    assert.equal(heard.includes('holdspace-language es'), false);
  });

  test('a page that is in no frame obeys nobody, not even whoever opened it', async (t) => {
    const visit = await platform.book();
    const page = await openPlatform(t);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate((link) => void (window.opened = open(link)), visit.client.link)]);
    const john = new CallPage(popup);
    await john.reaches('ready');
    // Its Cross-Origin-Opener-Policy has cut it off.
    await page.waitForFunction(() => window.opened.closed);
    await listenIn(popup);
    await popup.evaluate(() => window.postMessage({ type: 'holdspace-join' }, '*'));
    await hasReached(popup, 'holdspace-join');
    assert.deepEqual([await john.state, await popup.evaluate(() => window.opener)], ['ready', null]);
    assert.deepEqual(await page.evaluate(() => window.heard), []);
  });

  test('the page in a frame asks its parent for a new token, and takes none from anybody else', async (t) => {
    const visit = await platform.book();
    const page = await openPlatform(t);
    const { id, role, name, token } = visit.client;
    const say = await openFrame(page, platform.linkTo(visit.id, platform.tokenOf(id, role, name, -3600)));
    const stranger = await openStranger(page);
    await hears(page, 'token-needed', { origin: new URL(server.url).origin });
    const call = page.frames().find((frame) => frame.url().startsWith(server.url));
    await listenIn(call);
    await stranger({ type: 'holdspace-token', token: platform.tokenOf(id, role, name, -60) });
    await hasReached(call, 'holdspace-token');
    await say({ type: 'holdspace-token', token });
    await hears(page, 'state', { state: 'ready' });
    await say({ type: 'holdspace-join' });
    await hears(page, 'state', { state: 'in-call' });
  });
});
