// What goes wrong at a person's own machine, or with the visit: everybody reads what it is, and what can go on goes on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as last } from 'node:timers/promises';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';
import { CameraFile } from '../net/camera-file.js';
import { CHROMIUM, Launchers } from '../net/launcher.js';
import { makeCameras, picture } from '../net/pictures.js';
import { Sleeper } from '../net/sleeper.js';

const HOUR_MS = 3_600_000;

// The one who sleeps does so while the others are tried.
describe('faults of a person', { timeout: 240_000, concurrency: 2 }, () => {
  const launchers = new Launchers();
  let server, platform, browser, films;

  before(async () => {
    films = await makeCameras();
    server = await startServer({ AUTH__LEEWAY_SECONDS: '0' });
    platform = new Platform(server);
    browser = await launchBrowser({ camera: films.cameras.jane });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    await films?.remove();
    launchers.remove();
  });

  async function open(t, inBrowser = browser) {
    const page = await openTab(inBrowser);
    t.after(() => page.context().close());
    return new CallPage(page);
  }

  /** A browser of one's own, with these devices. */
  async function openWith(t, { options = [], ...devices }) {
    const own = await launchBrowser({ ...devices, executablePath: launchers.make(CHROMIUM, { options }) });
    t.after(() => own.close());
    return new CallPage(await openTab(own));
  }

  /** John, whose page and link are given, and Jane in a call. */
  async function call(t, john, { visit, link }) {
    const jane = await open(t);
    await john.join(link);
    await jane.join(visit.psychologist.link);
    await john.seesOther();
    return jane;
  }

  async function book() {
    const visit = await platform.book();
    return { visit, link: visit.client.link };
  }

  test('a laptop that has slept for a minute is back in the call', async (t) => {
    const john = await Sleeper.start();
    t.after(() => john.close());
    const booked = await book();
    const jane = await call(t, john, booked);
    await jane.seesOther();
    await john.fallAsleep();
    await last(60_000);
    await jane.says('trouble', 'John Doe is reconnecting');
    await picture(jane, 'asleep-other');
    await john.wakeUp();
    await john.reaches('in-call');
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await jane.page.locator('[data-testid=trouble].is-empty').waitFor({ state: 'attached' });
    assert.equal((await platform.session(booked.visit.id)).status, 'In Progress');
  });

  test('a token that expires in the middle parts nobody, even if the server is lost', async (t) => {
    const john = await open(t);
    const connection = await holdConnection(john.page);
    const { visit } = await book();
    const lifetimeSeconds = 20;
    const expiresMs = Date.now() + lifetimeSeconds * 1000;
    const { id, role, name } = visit.client;
    const jane = await call(t, john, { visit, link: platform.linkTo(visit.id, platform.tokenOf(id, role, name, lifetimeSeconds)) });
    await Promise.all([john.watchMedia(), jane.watchMedia()]);
    await last(expiresMs + 1000 - Date.now());
    connection.breakOff();
    await john.says('trouble', 'You can still see and hear each other');
    await john.reaches('recovering');
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await Promise.all([john.mediaNeverStopped(), jane.mediaNeverStopped()]);
    await picture(john, 'token-expired');
    await jane.endsVisit();
    await john.reaches('refused');
    await john.says('refusal-title', /./);
    await picture(john, 'token-expired-end');
  });

  test('a camera that is pulled out is told of, and taken again when it is back', async (t) => {
    const camera = new CameraFile();
    t.after(() => camera.remove());
    const john = await openWith(t, { camera: camera.path });
    const jane = await call(t, john, await book());
    await jane.seesOther();
    camera.pullOut();
    await john.says('call-devices', 'The camera is gone');
    await jane.says('tile', 'Camera is off');
    await john.seesOther();
    await picture(john, 'camera-unplugged');
    camera.plugIn();
    await john.at('call-retry').click();
    await john.at('call-retry').waitFor({ state: 'detached' });
    await jane.seesOther();
  });

  test('a camera that is plugged in during the call is taken by itself', async (t) => {
    const john = await open(t);
    // Chromium makes up its cameras when it starts: that one comes later is said in its place, the camera itself is the made-up one.
    await john.page.addInitScript(() => {
      const devices = navigator.mediaDevices;
      const [list, ask] = [devices.enumerateDevices.bind(devices), devices.getUserMedia.bind(devices)];
      let isPlugged = false;
      devices.enumerateDevices = async () => (await list()).filter(({ kind }) => isPlugged || kind !== 'videoinput');
      devices.getUserMedia = async (wanted) => {
        if (wanted.video && !isPlugged) {
          throw new DOMException('Requested device not found', 'NotFoundError');
        }
        return ask(wanted);
      };
      window.plug = (isIn) => {
        isPlugged = isIn;
        devices.dispatchEvent(new Event('devicechange'));
      };
    });
    const { visit, link } = await book();
    await john.open(link);
    await john.says('door-devices', 'No camera was found');
    const cameras = () => john.at('choose-camera').locator('option').count();
    assert.equal(await cameras(), 1, 'as the system is set');
    const jane = await call(t, john, { visit, link });
    await jane.says('tile', 'Camera is off');
    await john.page.evaluate(() => window.plug(true));
    await jane.seesOther();
    await john.at('call-devices').filter({ hasText: 'No camera' }).waitFor({ state: 'detached' });
    await john.at('more').click();
    await john.at('choose-camera').locator('option').nth(1).waitFor({ state: 'attached' });
    await john.page.evaluate(() => window.plug(false));
    await john.at('choose-camera').locator('option').nth(1).waitFor({ state: 'detached' });
    john.hasNoComplaints();
  });

  test('who has no camera joins with sound', async (t) => {
    const john = await openWith(t, { options: ['--use-fake-device-for-media-stream=device-count=0'] });
    const { visit, link } = await book();
    await john.open(link);
    await john.says('door-devices', 'No camera was found');
    await john.says('door-devices', 'You can join all the same');
    await picture(john, 'no-camera');
    const jane = await call(t, john, { visit, link });
    await jane.says('call-name', /^John Doe$/);
    await jane.says('tile', 'Camera is off');
  });

  test('who does not allow devices joins and sees the other', async (t) => {
    const john = await openWith(t, { hasPermission: false });
    const { visit, link } = await book();
    await john.open(link);
    await john.says('door-devices', 'Your browser does not allow this page to use the microphone and camera');
    await picture(john, 'permission-denied');
    const jane = await call(t, john, { visit, link });
    await jane.says('call-name', 'microphone off');
  });

  test('a camera that another program holds is told of, and taken once it is free', async (t) => {
    const john = await open(t);
    // No other program can hold a made-up camera: the answer of Chromium is put here as it gives it.
    await john.page.addInitScript(() => {
      const devices = navigator.mediaDevices;
      const ask = devices.getUserMedia.bind(devices);
      window.isHeld = true;
      devices.getUserMedia = async (wanted) => {
        if (wanted.video && window.isHeld) {
          throw new DOMException('Could not start video source', 'NotReadableError');
        }
        return ask(wanted);
      };
    });
    const { visit, link } = await book();
    await john.open(link);
    await john.says('door-devices', 'Another program is using the camera');
    await picture(john, 'camera-busy');
    await john.page.evaluate(() => (window.isHeld = false));
    await john.at('door-retry').click();
    await john.at('door-retry').waitFor({ state: 'detached' });
    await john.at('join').click();
    await john.reaches('in-call');
    const jane = await open(t);
    await jane.join(visit.psychologist.link);
    await Promise.all([john.seesOther(), jane.seesOther()]);
  });

  test('a visit that is cancelled in the middle ends for both, and says why', async (t) => {
    const john = await open(t);
    const booked = await book();
    const jane = await call(t, john, booked);
    await platform.change(booked.visit.id, { status: 'Cancelled' });
    await Promise.all([john, jane].map((person) => person.says('outcome-title', 'This visit was cancelled')));
    assert.equal(await john.at('rejoin').count(), 0);
    await picture(john, 'cancelled');
  });

  for (const [hours, words] of [[1, 'fast'], [-1, 'slow']]) {
    test(`a clock that is an hour ${words} changes nothing`, async (t) => {
      const john = await open(t);
      await john.page.addInitScript((byMs) => {
        const Right = Date;
        window.Date = class extends Right {
          constructor(...given) {
            super(...(given.length > 0 ? given : [Right.now() + byMs]));
          }
          static now() {
            return Right.now() + byMs;
          }
        };
      }, hours * HOUR_MS);
      const jane = await call(t, john, await book());
      await john.says('elapsed', /^0:\d\d$/);
      await jane.says('elapsed', /^0:\d\d$/);
      if (hours > 0) {
        await picture(john, 'clock-fast');
      }
    });
  }
});

/** Passes the page's connection to the server on, until it is broken off. */
async function holdConnection(page) {
  const connection = { breakOff: () => {} };
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const upstream = socket.connectToServer();
    connection.breakOff = () => {
      upstream.close();
      socket.close();
    };
  });
  return connection;
}
