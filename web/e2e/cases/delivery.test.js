// How the page reaches people: compressed, below a path, away from its API, in a frame, over TLS on a phone's network.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startProxy } from '../harness/proxy.js';
import { Server, startServer } from '../harness/server.js';

let browser;

before(async () => {
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
});

test('every file of the page is the same in all its forms', async () => {
  const server = await startServer();
  try {
    const page = await load(new URL('call/', server.url));
    const assets = page.body.toString().match(/assets\/[\w.-]+/g);
    assert.ok(assets.length > 1);
    for (const name of ['', 'holdspace-call.js', ...assets]) {
      const url = new URL(name, new URL('call/', server.url));
      const plain = await load(url);
      const [brotli, gzip] = [await load(url, 'br'), await load(url, 'gzip')];
      assert.deepEqual([plain, brotli, gzip].map(({ encoding }) => encoding), [undefined, 'br', 'gzip'], url.href);
      assert.ok(brotliDecompressSync(brotli.body).equals(plain.body), url.href);
      assert.ok(gunzipSync(gzip.body).equals(plain.body), url.href);
    }
  } finally {
    await server.stop();
  }
});

for (const keepsPrefix of [true, false]) {
  test(`two people meet behind a proxy that ${keepsPrefix ? 'keeps' : 'takes off'} a path prefix`, async () => {
    const server = await startServer(keepsPrefix ? { HTTP__BASE_PATH: '/care/video' } : {});
    const proxy = await startProxy(server.url, { prefix: '/care/video', keepsPrefix });
    try {
      const booking = await new Platform(server).book();
      await meet(below(proxy.url, booking));
    } finally {
      await proxy.close();
      await server.stop();
    }
  });
}

test('two people meet on a page that is not where its API is', async () => {
  const page = new Server();
  const api = new Server();
  try {
    // Each must know the other's address, and that does not change with a restart.
    await page.start();
    api.settings.HTTP__CORS_ORIGINS = new URL(page.url).origin;
    await api.start();
    page.settings.PAGE__API_URL = api.url;
    await page.restart();
    const booking = await new Platform(api).book();
    await meet(below(page.url, booking));
  } finally {
    await page.stop();
    await api.stop();
  }
});

test('a page that was named may frame the visit and hear of it, another may not', async () => {
  const framing = await serveFrame();
  const named = await startServer({ PAGE__FRAME_ANCESTORS: framing.origin });
  const closed = await startServer();
  try {
    const heard = await openTab(browser);
    const [{ client }, other] = [await new Platform(named).book(), await new Platform(closed).book()];
    await heard.goto(`${framing.origin}/#${encodeURIComponent(client.link)}`);
    await heard.waitForFunction(() => window.heard.some(({ type, state }) => type === 'holdspace-state' && state === 'ready'));
    await heard.frameLocator('iframe').getByTestId('join').click();
    await heard.waitForFunction(() => window.heard.some(({ state }) => state === 'in-call'));

    const refused = await openTab(browser);
    const blocked = refused.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
    await refused.goto(`${framing.origin}/#${encodeURIComponent(other.client.link)}`);
    await blocked;
    assert.deepEqual(await refused.evaluate(() => window.heard), []);
  } finally {
    await Promise.all([named.stop(), closed.stop(), framing.close()]);
  }
});

test('the page wears what the configuration says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdspace-logo-'));
  const logo = join(folder, 'logo.svg');
  writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40" fill="#2f6f62"/></svg>');
  const server = await startServer({
    PAGE__NAME: 'Praxis am Park',
    PAGE__LOGO_FILE: logo,
    PAGE__ACCENT: '#2f6f62',
    PAGE__LANGUAGES: 'de,fr',
  });
  try {
    const person = new CallPage(await openTab(browser));
    const { client } = await new Platform(server).book();
    await person.open(client.link);
    await person.reaches('ready');
    const image = person.page.locator('img').first();
    await image.waitFor();
    assert.deepEqual(await image.evaluate(({ naturalWidth, alt }) => [naturalWidth, alt]), [120, 'Praxis am Park']);
    assert.equal(await person.page.evaluate(() => document.documentElement.lang), 'de');
    const offered = await person.at('language').locator('option').evaluateAll((options) => options.map(({ value }) => value));
    assert.deepEqual(offered, ['de', 'fr']);
    const accent = await person.page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--holdspace-accent'));
    assert.equal(accent.trim(), '#2f6f62');
    assert.deepEqual(await person.painted('join', 'backgroundColor', 'color'), ['rgb(47, 111, 98)', 'rgb(255, 255, 255)']);
    person.hasNoComplaints();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a shared demo is joined over HTTPS', async () => {
  const server = new Server();
  try {
    await server.start('demo --share=127.0.0.1');
    assert.match(server.url, /^https:/);
    const links = await server.printed(/https:\S+\/call\/#\S+/g, 2);
    await meet(links, { ignoreHTTPSErrors: true });
  } finally {
    await server.stop();
  }
});

/** Both open their links, go in and see each other, and nothing that they load is refused by the page's own policy. */
async function meet(links, options = {}) {
  const people = await Promise.all(links.map(async (link) => new CallPage(await openTab(browser, options)).join(link)));
  await Promise.all(people.map((person) => person.seesOther()));
  people.forEach((person) => person.hasNoComplaints());
  await Promise.all(people.map((person) => person.page.context().close()));
}

function below(url, { id, client, psychologist }) {
  return [client, psychologist].map(({ token }) => `${url}call/#session=${id}&token=${token}`);
}

/** A GET whose body stays as it was sent. */
async function load(url, accepted = '') {
  const [answer] = await once(get(url, { headers: { 'accept-encoding': accepted } }), 'response');
  assert.equal(answer.statusCode, 200, url.href);
  const chunks = await answer.toArray();
  return { encoding: answer.headers['content-encoding'], body: Buffer.concat(chunks) };
}

/** A page of somebody else that frames what its fragment names, and keeps what it is told. */
async function serveFrame() {
  const html = `<!doctype html><title>A platform</title><script>
    window.heard = [];
    addEventListener('message', ({ data }) => window.heard.push(data));
    const frame = document.createElement('iframe');
    frame.allow = 'camera; microphone; display-capture; autoplay; fullscreen';
    frame.src = decodeURIComponent(location.hash.slice(1));
    document.documentElement.append(frame);
  </script>`;
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // By another name, so that it is another site for the browser.
    origin: `http://localhost:${server.address().port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
