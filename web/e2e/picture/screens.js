// Takes a picture of every screen, desktop and phone, light and dark: `node e2e/picture/screens.js [folder] [name…]`
// Each is a real visit of drawn people; only those whose names are given are taken, when some are.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { MINUTE_MS, Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';
import { film } from './camera.js';
import { drawDiary } from './diary.js';
import { drawClient, drawPsychologist } from './scene.js';

const [folder = fileURLToPath(new URL('../../../docs/pictures', import.meta.url)), ...wanted] = process.argv.slice(2);

const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const LYING = { ...PHONE, viewport: { width: 844, height: 390 } };
const NARROW = { viewport: { width: 320, height: 640 } };
const VARIANTS = {
  'desktop-light': { ...DESKTOP, colorScheme: 'light' },
  'desktop-dark': { ...DESKTOP, colorScheme: 'dark' },
  'phone-light': { ...PHONE, colorScheme: 'light' },
  'phone-dark': { ...PHONE, colorScheme: 'dark' },
};

/** What other shapes and languages do to the two screens that matter most. */
const CALLS = [
  ['call-lying', 'phone-dark', { ...LYING, colorScheme: 'dark' }],
  ['call-narrow', 'desktop-light', { ...NARROW, colorScheme: 'light' }],
  ['call-arabic', 'phone-light', { ...VARIANTS['phone-light'], locale: 'ar' }],
];
const DOORS = [
  ['door-german', 'desktop-dark', { ...VARIANTS['desktop-dark'], locale: 'de' }],
  ['door-arabic', 'desktop-light', { ...VARIANTS['desktop-light'], locale: 'ar' }],
  ['door-lying', 'phone-light', { ...LYING, colorScheme: 'light' }],
];

const SETTINGS = { PAGE__NAME: 'Lindenhof Practice', PAGE__SUPPORT_PHONE: '+49 30 1234567', PAGE__SUPPORT_TEXT: 'Does something not work? Call us:' };

const temporary = await mkdtemp(join(tmpdir(), 'holdspace-pictures-'));
const closing = [() => rm(temporary, { recursive: true })];
try {
  await mkdir(folder, { recursive: true });
  const [client, psychologist] = await makeFilms();
  const server = await startServer(SETTINGS);
  closing.push(() => server.stop());
  const studio = { server, platform: new Platform(server), clients: await launch({ camera: client }), psychologists: await launch({ camera: psychologist }), shy: await launch({ hasPermission: false }) };
  for (const [variant, options] of Object.entries(VARIANTS)) {
    await doors(studio, variant, options);
    await visit(studio, variant, options);
  }
  for (const [variant, options] of Object.entries(VARIANTS)) {
    await when('call-group', () => group(studio, variant, options));
  }
  for (const [name, variant, options] of CALLS) {
    await when(name, () => call(studio, name, variant, options));
  }
  for (const [name, variant, options] of DOORS) {
    await when(name, () => doorIn(studio, name, variant, options));
  }
} finally {
  for (const close of closing.reverse()) {
    await close();
  }
}

/** The door in its moods. */
async function doors(studio, variant, options) {
  if (wanted.length > 0 && !wanted.some((name) => /^door-(early|shut|no-camera|tests)$/.test(name))) {
    return;
  }
  const { platform, clients, shy } = studio;
  const early = await platform.book({ startsInMinutes: 19 + 14 / 60 });
  await take('door-early', variant, await open(clients, early.client.link, options), async (page) => {
    await page.reaches('waiting');
    await seen(page, 'door-video');
  });

  const cancelled = await platform.book();
  await platform.change(cancelled.id, { status: 'Cancelled' });
  await take('door-shut', variant, await open(clients, cancelled.client.link, options), async (page) => page.reaches('refused'));

  const open_ = await platform.book();
  await take('door-no-camera', variant, await open(shy, open_.client.link, options), async (page) => page.says('door-devices', 'does not allow'));
  await take('door-tests', variant, await open(clients, open_.client.link, options), async (page) => {
    await page.reaches('ready');
    await page.at('devices-fold').locator('summary').click();
    await page.at('network-fold').locator('summary').click();
    await page.at('test-network').click();
    await page.page.waitForFunction(() => document.querySelector('holdspace-call').shadowRoot.querySelector('[data-verdict]')?.dataset.verdict);
    await page.look('network-fold', (fold) => fold.scrollIntoView({ block: 'end' }));
  });
}

/** One visit from the door to its end, seen by the psychologist. */
async function visit(studio, variant, options) {
  if (wanted.length > 0 && !wanted.some((name) => /^(door-ready|call-(alone|two|chat|screen|sharing|safety|settings|help|trouble|end)|after-.*)$/.test(name))) {
    return;
  }
  const { platform, clients, psychologists } = studio;
  const booked = await running(platform);
  const jane = await open(psychologists, booked.psychologist.link, options);
  await jane.reaches('ready');
  await seen(jane, 'door-video');
  await shoot('door-ready', variant, jane);
  await jane.at('join').click();
  await jane.at('alone').waitFor();
  await shoot('call-alone', variant, jane);

  const john = await open(clients, booked.client.link, options);
  await john.reaches('ready');
  await john.at('join').click();
  await Promise.all([john.seesOther(), jane.seesOther()]);
  await jane.isSharp(640);
  await isGood(jane);
  await shoot('call-two', variant, jane);

  await jane.at('chat').click();
  await jane.at('draft').fill('Good morning! Can you hear me well?');
  await jane.at('send').click();
  await john.at('chat').click();
  await john.at('draft').fill('Very well, thank you. I have the diary here that we spoke of last time.');
  await john.at('send').click();
  await jane.says('message', 'diary');
  await shoot('call-chat', variant, jane);
  await jane.at('close-panel').click();

  await john.at('close-panel').click();
  await john.at('share').click();
  await jane.at('screen-tile').waitFor();
  await seen(jane, 'screen-video');
  await shoot('call-screen', variant, jane);
  await john.at('stop-sharing').click();
  await jane.at('screen-tile').waitFor({ state: 'detached' });
  await jane.at('share').click();
  await jane.at('sharing').waitFor();
  await shoot('call-sharing', variant, jane);
  await jane.at('stop-sharing').click();

  await jane.at('safety').click();
  await jane.says('safety-code', /\d{3} \d{3}/);
  await shoot('call-safety', variant, jane);
  await jane.at('close-panel').click();
  await jane.at('more').click();
  await shoot('call-settings', variant, jane);
  await jane.at('shortcuts').click();
  await shoot('call-help', variant, jane);
  await jane.at('close-help').click();
  await jane.at('close-panel').click();

  await john.at('leave').click();
  await shoot('after-left', variant, john);
  await john.at('rejoin').click();
  await jane.seesOther();
  await john.page.goto('about:blank');
  await jane.says('trouble', 'reconnecting');
  await shoot('call-trouble', variant, jane);

  await jane.at('end').click();
  await shoot('call-end', variant, jane);
  await jane.at('end-yes').click();
  await jane.at('outcome-record').waitFor();
  await shoot('after-ended', variant, jane);
  // Asked where somebody listens, as in a frame.
  await jane.page.evaluate(() => document.querySelector('holdspace-call').setAttribute('rating', ''));
  await jane.at('rating').waitFor();
  await shoot('after-rating', variant, jane);
  await Promise.all([john, jane].map(({ page }) => page.context().close()));
}

/** Four people, as one of them sees the others. */
async function group({ platform, clients, psychologists }, variant, options) {
  const guests = await Promise.all(['Sam Doe', 'Mia Doe'].map((name) => platform.addUser(name, 'client')));
  const booked = await platform.book({ guests: guests.map(({ id }) => id) });
  const pages = [];
  for (const link of [booked.client.link, ...guests.map(({ token }) => platform.linkTo(booked.id, token))]) {
    pages.push(await open(clients, link, { viewport: { width: 640, height: 400 } }));
  }
  const jane = await open(psychologists, booked.psychologist.link, options);
  for (const page of [...pages, jane]) {
    await page.reaches('ready');
    await page.at('join').click();
    await page.reaches('in-call');
  }
  await jane.seesOther(3);
  await isGood(jane);
  await shoot('call-group', variant, jane);
  await Promise.all([...pages, jane].map(({ page }) => page.context().close()));
}

async function call({ platform, clients, psychologists }, name, variant, options) {
  const booked = await running(platform);
  const jane = await open(psychologists, booked.psychologist.link, options);
  const john = await open(clients, booked.client.link, DESKTOP);
  for (const page of [jane, john]) {
    await page.reaches('ready');
    await page.at('join').click();
  }
  await jane.seesOther();
  await isGood(jane);
  await shoot(name, variant, jane);
  await Promise.all([john, jane].map(({ page }) => page.context().close()));
}

async function doorIn({ platform, clients }, name, variant, options) {
  const booked = await platform.book();
  await take(name, variant, await open(clients, booked.client.link, options), async (page) => {
    await page.reaches('ready');
    await seen(page, 'door-video');
  });
}

async function running(platform) {
  const booked = await platform.book({ startsInMinutes: -10 });
  const startTime = new Date(Date.now() - 9 * MINUTE_MS - 41_000).toISOString();
  await platform.call('POST', `video-calls/start/${booked.id}`, { startTime }, booked.psychologist.token);
  return booked;
}

async function when(name, picture) {
  if (wanted.length === 0 || wanted.includes(name)) {
    await picture();
  }
}

async function take(name, variant, page, prepare) {
  await prepare(page);
  await shoot(name, variant, page);
  await page.page.context().close();
}

async function shoot(name, variant, { page }) {
  if (wanted.length > 0 && !wanted.includes(name)) {
    return;
  }
  // The pointer would hover over what was pressed last.
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}-${variant}.jpg`), quality: 82, type: 'jpeg', animations: 'disabled' });
  console.log(`${name}-${variant}`);
}

/** A small machine that draws several people may measure a bad path at first; that is not what these pictures are about. */
function isGood(page) {
  return page.page.locator('[data-testid=quality][data-verdict=good]').waitFor({ timeout: 60_000 });
}

function seen(page, name) {
  return page.look(name, (video) => new Promise((done) => video.requestVideoFrameCallback(done)));
}

async function open(browser, link, options) {
  const page = await openTab(browser, options);
  // The made-up camera is called by the path of its film.
  await page.addInitScript(() => Object.defineProperty(MediaDeviceInfo.prototype, 'label', { get() {
    return { videoinput: 'HD Webcam', audioinput: 'Built-in microphone', audiooutput: 'Headphones' }[this.kind];
  } }));
  // The dialog that asks what to share is the browser's own.
  await page.addInitScript(`(${shareDrawing})(${drawDiary})`);
  return new CallPage(page).open(link);
}

/** Runs in the page: whoever shares a screen shares this drawing. */
function shareDrawing(draw) {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 800 });
    const context = canvas.getContext('2d');
    setInterval(() => draw(context), 100);
    return canvas.captureStream(10);
  };
}

async function launch(options) {
  const browser = await launchBrowser(options);
  closing.push(() => browser.close());
  return browser;
}

async function makeFilms() {
  const browser = await launchBrowser();
  const films = [join(temporary, 'client.y4m'), join(temporary, 'psychologist.y4m')];
  await film(browser, drawClient, films[0]);
  await film(browser, drawPsychologist, films[1]);
  await browser.close();
  return films;
}
