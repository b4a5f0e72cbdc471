// The library by itself, in bare pages: what it does for two people without a page of ours around it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { FROM_ANYWHERE, LibraryPage, serveLibrary } from '../harness/library-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

describe('the library', { timeout: 300_000 }, () => {
  let server, library, platform, browsers;

  before(async () => {
    server = await startServer(FROM_ANYWHERE);
    library = await serveLibrary();
    platform = new Platform(server);
    browsers = await Promise.all([launchBrowser({ cameras: 3 }), launchBrowser()]);
  });

  after(async () => {
    await Promise.all((browsers ?? []).map((browser) => browser.close()));
    await library?.close();
    await server?.stop();
  });

  async function openBoth(t) {
    const pages = await Promise.all(browsers.map((browser) => LibraryPage.open(browser, library, server)));
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
    // The break is noticed, too: whoever stayed would mend a connection that is no more.
    await john.until(() => window.visit.roster[0]?.isReconnecting && window.visit.roster[0].isRepairing);
    await john.page.evaluate(() => void window.visit.say('Are you still there?'));
    await jane.join(visit.psychologist, visit.id, { resumeToken });
    await jane.until(() => window.visit.messages.length === 1);
    await john.until(() => window.visit.messages.every(({ isDelivered }) => isDelivered));
    await john.until(() => !window.visit.roster[0].isReconnecting && !window.visit.roster[0].isRepairing);
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

  test('where no websocket gets through, requests carry the signals', async (t) => {
    const visit = await platform.book();
    const [john, jane] = await openBoth(t);
    let refused = 0;
    await john.page.routeWebSocket(/socket\.io/, (socket) => {
      refused += 1;
      socket.close();
    });
    await john.join(visit.client, visit.id);
    await jane.join(visit.psychologist, visit.id);
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    await john.page.evaluate(() => window.visit.leave());
    await jane.until(() => window.visit.roster.length === 0);
    assert.equal(refused, 1);
  });

  test('an ordinary visit with two reloads stays within the limits', async (t) => {
    const visit = await platform.book();
    const [john, jane] = await openBoth(t);
    await john.join(visit.client, visit.id);
    await jane.join(visit.psychologist, visit.id);
    for (let reload = 0; reload < 2; reload += 1) {
      await Promise.all([john.seesOthers(), jane.seesOthers()]);
      const resumeToken = await jane.page.evaluate(() => window.visit.resumeToken);
      await jane.page.reload();
      await jane.join(visit.psychologist, visit.id, { resumeToken });
    }
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    await jane.page.evaluate(() => window.visit.end());
    await Promise.all([john.reaches('ended'), jane.reaches('ended')]);
    for (const person of [john, jane]) {
      const { troubles, limits } = await person.page.evaluate(() => ({ troubles: window.troubles, limits: window.visit.limits }));
      assert.deepEqual(troubles, []);
      assert.ok(limits.requestsLeft >= 0);
    }
    await platform.completed(visit.id);
  });

  test('a clock that is an hour wrong changes nothing', async (t) => {
    const visit = await platform.book();
    const [john, jane] = await openBoth(t);
    await john.page.addInitScript(() => {
      const RightDate = Date;
      const wrong = () => RightDate.now() - 3_600_000;
      globalThis.Date = class extends RightDate {
        constructor(...given) {
          super(...(given.length > 0 ? given : [wrong()]));
        }
        static now = wrong;
      };
    });
    await john.page.reload();
    await john.join(visit.client, visit.id);
    await jane.join(visit.psychologist, visit.id);
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    await john.until(() => window.visit.times.startedAt !== null);
    const { elapsed, wrongBy } = await john.page.evaluate(() => ({
      elapsed: window.visit.now().getTime() - window.visit.times.startedAt.getTime(),
      wrongBy: window.visit.now().getTime() - Date.now(),
    }));
    assert.ok(Math.abs(elapsed) < 60_000, `${elapsed} ms since the start`);
    assert.ok(Math.abs(wrongBy - 3_600_000) < 60_000);
  });

  test('devices are listed, chosen, switched and let go of', async (t) => {
    const { john, jane } = await inCall(t);
    const cameras = await john.until(() => window.visit.devices.state.camera.list.length > 1 && window.visit.devices.state.camera.list);
    // Of Chromium's made-up cameras the second sees only depth.
    const other = cameras.at(-1);
    assert.notEqual(other.label, '');
    await john.page.evaluate((deviceId) => window.visit.devices.choose('camera', deviceId), other.deviceId);
    assert.equal(await john.page.evaluate(() => window.visit.devices.state.camera.deviceId), other.deviceId);
    await jane.seesOthers();

    await john.page.evaluate(() => window.visit.devices.setCamera(false));
    await jane.until(() => window.visit.roster[0].switches.camera === false);
    assert.deepEqual(await john.page.evaluate(() => [window.visit.devices.state.camera.status, window.visit.devices.state.camera.track]), ['closed', null]);
    await john.page.evaluate(() => window.visit.devices.setCamera(true));
    await jane.until(() => window.visit.roster[0].switches.camera === true);
    await jane.seesOthers();

    await john.page.evaluate(() => window.visit.devices.state.camera.track.dispatchEvent(new Event('ended')));
    await john.until(() => window.visit.devices.state.camera.status === 'live');
    await jane.seesOthers();

    await assert.rejects(john.page.evaluate(() => window.visit.devices.choose('camera', 'no-such-device')), /OverconstrainedError/);
    assert.equal(await john.page.evaluate(() => window.visit.devices.state.camera.status), 'live');
    await jane.seesOthers();
  });

  test('a camera that is allowed after everything was let go of stays off', async (t) => {
    const [john] = await openBoth(t);
    const states = await john.page.evaluate(async () => {
      const media = navigator.mediaDevices;
      const real = media.getUserMedia.bind(media);
      const given = [];
      let allow;
      const asked = new Promise((resolve) => {
        // As long as the person thinks about it.
        media.getUserMedia = (wishes) => {
          resolve();
          return new Promise((answer) => {
            allow = async () => {
              const stream = await real(wishes);
              given.push(...stream.getTracks());
              answer(stream);
            };
          });
        };
      });
      const devices = new Holdspace.Devices();
      const opened = devices.open();
      const switched = devices.setCamera(true);
      await asked;
      devices.close();
      await allow();
      await Promise.all([opened, switched]);
      const { camera, microphone } = devices.state;
      return [...given.map(({ readyState }) => readyState), camera.status, microphone.status];
    });
    assert.deepEqual(states, ['ended', 'ended', 'closed', 'closed']);
  });

  test('a call whose page is left and looked at again goes on as it is', async (t) => {
    const { john, jane } = await inCall(t);
    const watch = ({ page }) => page.evaluate(() => {
      window.negotiations = 0;
      const describe = RTCPeerConnection.prototype.setLocalDescription;
      RTCPeerConnection.prototype.setLocalDescription = function (...description) {
        window.negotiations += 1;
        return describe.apply(this, description);
      };
      window.measurements = 0;
      let last;
      visit.on('roster', ([other]) => {
        if (other?.quality !== last) {
          last = other?.quality;
          window.measurements += 1;
        }
      });
      document.dispatchEvent(new Event('visibilitychange'));
      dispatchEvent(new Event('online'));
    });
    await Promise.all([john, jane].map(watch));
    // One is made every two seconds: longer than a repair waits before it is tried again.
    await Promise.all([john, jane].map((person) => person.until(() => window.measurements >= 4)));
    const negotiations = await Promise.all([john, jane].map(({ page }) => page.evaluate(() => window.negotiations)));
    assert.deepEqual(negotiations, [0, 0]);
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
  });

  test('a network test says what gets through', async (t) => {
    const visit = await platform.book();
    const [john] = await openBoth(t);
    await john.visit(visit.client, visit.id);
    await john.reaches('ready');
    const { told, result } = await john.page.evaluate(async () => {
      const told = [];
      return { result: await window.visit.testNetwork((step) => told.push(step.name)), told };
    });
    assert.deepEqual(told.toSorted(), ['direct', 'relay-tcp', 'relay-tls', 'relay-udp', 'server']);
    assert.equal(result.steps[0].result, 'ok');
    assert.notEqual(result.verdict, 'blocked', JSON.stringify(result));
  });

  test('who gives up while connecting is back at the open door', async (t) => {
    const visit = await platform.book();
    const [john] = await openBoth(t);
    await john.visit(visit.client, visit.id);
    await john.reaches('ready');
    await john.page.context().setOffline(true);
    const states = await john.page.evaluate(async () => {
      void window.visit.join();
      const connecting = window.visit.state.name;
      window.visit.cancel();
      return [connecting, window.visit.state.name];
    });
    assert.deepEqual(states, ['connecting', 'ready']);
    await john.page.context().setOffline(false);
    await john.page.evaluate(() => window.visit.join());
    await john.reaches('in-call');
  });
});

describe('the example of docs/client.md', { timeout: 120_000 }, () => {
  test('holds a visit', async (t) => {
    const text = await readFile(new URL('../../../docs/client.md', import.meta.url), 'utf8');
    const library = await serveLibrary(/```html\n(.*?)```/s.exec(text)[1]);
    t.after(() => library.close());
    const server = await startServer(FROM_ANYWHERE);
    t.after(() => server.stop());
    const browser = await launchBrowser();
    t.after(() => browser.close());
    const visit = await new Platform(server).book();
    const open = async ({ token }) => {
      const page = await openTab(browser);
      await page.goto(`${library.url}#${new URLSearchParams({ server: server.url, session: visit.id, token })}`);
      return page;
    };
    const pages = [await open(visit.client), await open(visit.psychologist)];
    for (const page of pages) {
      await page.waitForFunction(() => document.getElementById('other').getVideoPlaybackQuality().totalVideoFrames > 10);
    }
    await pages[0].getByRole('button', { name: 'Hang up' }).click();
    await pages[0].getByText('ended').waitFor();
    await pages[1].waitForFunction(() => document.getElementById('other').srcObject === null);
    assert.deepEqual([...pages[0].complaints, ...pages[1].complaints], []);
  });
});

describe('a place that was given up', { timeout: 120_000 }, () => {
  test('both offer when its person comes back by a reload, and the call comes about', async (t) => {
    const server = await startServer({ ...FROM_ANYWHERE, SIGNALING__RECONNECT_GRACE_SECONDS: '1' });
    t.after(() => server.stop());
    const library = await serveLibrary();
    t.after(() => library.close());
    const browser = await launchBrowser();
    t.after(() => browser.close());
    const visit = await new Platform(server).book();
    const [john, jane] = [await LibraryPage.open(browser, library, server), await LibraryPage.open(browser, library, server)];
    await john.join(visit.client, visit.id);
    await jane.join(visit.psychologist, visit.id);
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    const resumeToken = await jane.page.evaluate(() => window.visit.resumeToken);
    await jane.page.goto('about:blank');
    await john.until(() => window.visit.roster.length === 0);
    await jane.page.goto(jane.url);
    await jane.join(visit.psychologist, visit.id, { resumeToken });
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    // A later negotiation finds nothing under way.
    await jane.page.evaluate(() => window.visit.shareScreen());
    await john.seesOthers(1, 'screen');
  });
});

describe('a token that expires during the call', { timeout: 120_000 }, () => {
  /** John's token lasts for as long as it takes to join; then the server is killed and started again. */
  async function expire(t, prepare) {
    const server = await startServer({ ...FROM_ANYWHERE, AUTH__LEEWAY_SECONDS: '0' });
    t.after(() => server.stop());
    const library = await serveLibrary();
    t.after(() => library.close());
    const browser = await launchBrowser();
    t.after(() => browser.close());
    const platform = new Platform(server);
    const visit = await platform.book();
    const [john, jane] = [await LibraryPage.open(browser, library, server), await LibraryPage.open(browser, library, server)];
    const lifetimeSeconds = 12;
    const expiresAt = Date.now() + lifetimeSeconds * 1000;
    const token = platform.tokenOf(visit.client.id, 'client', 'John Doe', lifetimeSeconds);
    await prepare(john, visit);
    await john.join({ token }, visit.id);
    await jane.join(visit.psychologist, visit.id);
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    await john.until((time) => Date.now() > time, expiresAt + 1000);
    await server.restart();
    return { john, jane };
  }

  test('media goes on, and the trouble is told', async (t) => {
    const { john, jane } = await expire(t, async () => {});
    await john.until(() => window.troubles.some(({ code }) => code === 'AUTHENTICATION_FAILED'));
    await jane.reaches('in-call');
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    const state = await john.page.evaluate(() => window.visit.state);
    assert.equal(state.name, 'recovering');
    assert.equal(state.hold.code, 'AUTHENTICATION_FAILED');
  });

  test('with a platform that renews it nobody notices', async (t) => {
    const { john, jane } = await expire(t, (page, visit) =>
      page.page.evaluate((token) => {
        const { Visit } = Holdspace;
        window.renewals = 0;
        Holdspace.Visit = class extends Visit {
          constructor(options) {
            super({ ...options, renewToken: async () => ((window.renewals += 1), token) });
          }
        };
      }, visit.client.token),
    );
    await john.until(() => window.renewals > 0 && window.visit.state.name === 'in-call');
    await jane.reaches('in-call');
    await Promise.all([john.seesOthers(), jane.seesOthers()]);
    assert.deepEqual(await john.page.evaluate(() => [window.renewals, window.troubles]), [1, []]);
  });
});
