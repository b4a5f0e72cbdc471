// Bare pages that hold a visit by the library's file for a script tag, as a platform's own page would, from another origin.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { openTab } from './browser.js';

const LIBRARY = fileURLToPath(new URL('../../client/dist/holdspace-client.js', import.meta.url));
const HTML = '<!doctype html><title>Library</title><script src="holdspace-client.js"></script>';

/** What the server must be told so that pages of that origin may use it. */
export const FROM_ANYWHERE = { HTTP__CORS_ORIGINS: '*' };

/** Serves the library, and `html` as the page around it. */
export async function serveLibrary(html = HTML) {
  const server = createServer(async (request, response) => {
    const isScript = request.url.endsWith('holdspace-client.js');
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8' });
    response.end(isScript ? await readFile(LIBRARY) : html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export class LibraryPage {
  constructor(page, url, serverUrl) {
    this.page = page;
    this.url = url;
    this.serverUrl = serverUrl;
  }

  /** A tab of its own. `library`: what {@link serveLibrary} gave. */
  static async open(browser, library, server, options) {
    const page = await openTab(browser, options);
    await page.goto(library.url);
    return new LibraryPage(page, library.url, server.url);
  }

  /** Opens the visit, and the devices. `options`: further ones of `VisitOptions` that can be copied. */
  async visit(person, sessionId, { devices = {}, ...options } = {}) {
    await this.page.evaluate(
      ([baseUrl, visitOptions, devicesOptions]) => {
        const ownDevices = new Holdspace.Devices({ picture: { width: 320, height: 240 }, ...devicesOptions });
        const visit = new Holdspace.Visit({ baseUrl, ...visitOptions, devices: ownDevices });
        const frames = {};
        Object.assign(window, { visit, frames, troubles: [], states: [visit.state], repairs: [] });
        visit.on('trouble', (trouble) => window.troubles.push(trouble));
        visit.on('state', (state) => window.states.push(state));
        visit.on('roster', (roster) => {
          for (const { userId, camera, screen, isRepairing } of roster) {
            window.play(`${userId} camera`, camera);
            window.play(`${userId} screen`, screen);
            if (window.repairs.at(-1)?.isRepairing !== isRepairing) {
              window.repairs.push({ userId, isRepairing, atMs: performance.now() });
            }
          }
        });
        window.play = (name, stream) => {
          const known = document.getElementById(name);
          if (!stream || known?.srcObject?.id === stream.id) {
            return stream ? undefined : known?.remove();
          }
          const video = known ?? document.body.appendChild(Object.assign(document.createElement('video'), { id: name, autoplay: true, playsInline: true }));
          video.srcObject = stream;
        };
        void ownDevices.open().then(() => visit.open());
      },
      [this.serverUrl, { sessionId, token: person.token, ...options }, devices],
    );
    return this;
  }

  async join(person, sessionId, options) {
    await this.visit(person, sessionId, options);
    await this.reaches('ready');
    await this.page.evaluate(() => visit.join());
    await this.reaches('in-call');
    return this;
  }

  async reaches(...names) {
    await this.page.waitForFunction((wanted) => wanted.includes(window.visit?.state.name), names);
  }

  /** Waits until `predicate`, which runs in the page with `argument`, gives something; gives that. */
  async until(predicate, argument) {
    return (await this.page.waitForFunction(predicate, argument)).jsonValue();
  }

  /** More frames of everybody's camera than there are now. */
  async seesOthers(count = 1, kind = 'camera') {
    const before = await this.page.evaluate(countFrames, [count, kind]);
    await this.page.waitForFunction(([others, what, least, count]) => {
      const videos = [...document.querySelectorAll('video')].filter(({ id }) => id.endsWith(what));
      const frames = Math.min(...videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames));
      return videos.length === others && frames > least + count;
    }, [count, kind, before, 5]);
  }

  companion() {
    return this.page.evaluate(() => {
      const { camera, screen, ...facts } = visit.roster[0] ?? {};
      return { ...facts, hasCamera: Boolean(camera), hasScreen: Boolean(screen) };
    });
  }

  close() {
    return this.page.context().close();
  }
}

function countFrames([others, kind]) {
  const videos = [...document.querySelectorAll('video')].filter(({ id }) => id.endsWith(kind));
  return videos.length === others ? Math.min(...videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames)) : 0;
}
