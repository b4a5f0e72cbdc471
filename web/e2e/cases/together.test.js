// What people do in a call beside seeing and hearing each other: write, show a screen, compare the safety code.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

describe('in a call', { timeout: 240_000 }, () => {
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

  test('they write to each other, and hear of it while the chat is closed', async (t) => {
    const { john, jane } = await inCall(t);
    await john.at('chat').click();
    await john.at('draft').fill('Is this <b>all right</b>?');
    await john.at('draft').press('Enter');
    await jane.says('announcer', 'John Doe writes: Is this <b>all right</b>?');
    await jane.says('chat', '1 new');
    await jane.at('chat').click();
    await jane.says('message', 'Is this <b>all right</b>?');
    assert.equal(await jane.at('chat').textContent().then((text) => /new/.test(text)), false);
    await jane.at('draft').fill('Yes.');
    await jane.at('send').click();
    await john.at('message').nth(1).filter({ hasText: 'Yes.' }).waitFor();
    await john.page.keyboard.press('Escape');
    assert.equal(await john.at('panel-chat').count(), 0);
    assert.equal(await john.page.evaluate(() => document.querySelector('holdspace-call').shadowRoot.activeElement?.dataset.testid), 'chat');
    john.hasNoComplaints();
    jane.hasNoComplaints();
  });

  test('nobody is shown a screen that is not shared, and one that is stands beside the face', async (t) => {
    const { john, jane } = await inCall(t);
    assert.deepEqual([await john.at('screen-tile').count(), await jane.at('screen-tile').count()], [0, 0]);
    // The dialog that asks what to share is the browser's own, and no test can answer it.
    await john.page.evaluate(() => {
      const canvas = document.createElement('canvas');
      const context = canvas.getContext('2d');
      setInterval(() => context.fillRect(0, 0, canvas.width, canvas.height), 50);
      navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(20);
    });
    await john.at('share').click();
    await john.says('sharing', 'The others see your screen.');
    await jane.says('screen-tile', 'Screen of John Doe');
    await jane.says('announcer', 'John Doe shares a screen.');
    await jane.look('screen-video', (video) => new Promise((shown) => video.requestVideoFrameCallback(shown)));
    await jane.seesOther();
    await john.at('stop-sharing').click();
    await jane.at('screen-tile').waitFor({ state: 'detached' });
    await jane.seesOther();
  });

  test('they see the same safety code, and what it is good for', async (t) => {
    const { john, jane } = await inCall(t);
    const codes = [];
    for (const person of [john, jane]) {
      await person.at('safety').click();
      await person.says('safety-code', /^\d{3} \d{3}$/);
      await person.says('panel-safety', 'nobody sits between you');
      codes.push(await person.at('safety-code').textContent());
    }
    assert.equal(codes[0], codes[1]);
  });

  test('the quality is said in words', async (t) => {
    const { john } = await inCall(t);
    await john.says('quality', /^(Good|Fair|Weak) connection$/);
  });

  test("one's own picture is moved by dragging, by arrow keys and by a press", async (t) => {
    const { john } = await inCall(t);
    const corner = () => john.at('own').getAttribute('data-corner');
    const box = await john.at('own').boundingBox();
    await john.page.mouse.move(box.x + 20, box.y + 20);
    await john.page.mouse.down();
    await john.page.mouse.move(200, 150, { steps: 5 });
    await john.page.mouse.up();
    assert.equal(await corner(), 'top-left');
    await john.at('move-own').press('ArrowRight');
    assert.equal(await corner(), 'top-right');
    await john.at('move-own').press('ArrowDown');
    assert.equal(await corner(), 'bottom-right');
    await john.at('move-own').press('Enter');
    assert.equal(await corner(), 'bottom-left');
  });

  test('the call fills the screen, and the other stays in view in a window of his own', async (t) => {
    const { john } = await inCall(t);
    await john.page.keyboard.press('f');
    await john.page.waitForFunction(() => document.fullscreenElement?.localName === 'holdspace-call');
    await john.at('more').click();
    await john.at('full-screen').click();
    await john.page.waitForFunction(() => document.fullscreenElement === null);
    await john.at('picture-in-picture').click();
    await john.page.waitForFunction(() => document.pictureInPictureElement?.localName === 'holdspace-call');
    assert.equal(
      await john.page.evaluate(() => document.querySelector('holdspace-call').shadowRoot.pictureInPictureElement?.dataset.testid),
      'remote-video',
    );
    await john.at('picture-in-picture').click();
    await john.page.waitForFunction(() => document.pictureInPictureElement === null);
    await john.seesOther();
    john.hasNoComplaints();
  });

  test('a shortcut of one key works, can be switched off, and never takes a letter from a message', async (t) => {
    const { john } = await inCall(t);
    const isOn = () => john.at('call-microphone').getAttribute('aria-checked');
    await john.page.keyboard.press('m');
    await john.says('announcer', 'Microphone off');
    assert.equal(await isOn(), 'false');
    await john.page.keyboard.press('c');
    await john.at('draft').fill('');
    await john.at('draft').press('m');
    assert.deepEqual([await isOn(), await john.at('draft').inputValue()], ['false', 'm']);
    await john.page.keyboard.press('Escape');
    await john.page.keyboard.press('?');
    await john.at('use-shortcuts').uncheck();
    await john.at('close-help').click();
    await john.page.keyboard.press('m');
    assert.equal(await isOn(), 'false');
  });
});
