// Measures what a call costs: the processor time of both browsers in a call on our page, over that of a bare page with
// the same tracks, in rounds that take turns, once both send the camera's whole picture (by itself a browser begins with a
// small one and takes half a minute to get there); how long the page takes until one can join; and what six cost on both.
// `node e2e/measure/cost.js [rounds]` prints one line of JSON.
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';
import { connectBare } from './bare.js';

const SETTLE_MS = 4_000;
const ROUND_MS = 10_000;
const WHOLE_WIDTH = 1280;
const WHOLE_MAX_MS = 120_000;
const GROUP = 6;
const GROUP_CAMERA = { width: 160, height: 120 };

const rounds = Number(process.argv[2] ?? 5);
const server = await startServer();
const platform = new Platform(server);
const browsers = await Promise.all([launchBrowser(), launchBrowser()]);
try {
  const [ours, bare, openMs] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await ourCall(openMs));
    bare.push(await bareCall());
  }
  const [groups, bareGroups] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    groups.push(await groupCall());
    bareGroups.push(await bareGroup());
  }
  const cores = (results) => round2(median(results.map((result) => result.cores)));
  const frames = (results) => round2(median(results.map((result) => result.framesPerSecond)));
  console.log(
    JSON.stringify({
      rounds,
      callOverBare: round2(median(ours.map((own, round) => own.cores / bare[round].cores))),
      callCores: cores(ours),
      bareCores: cores(bare),
      callFramesPerSecond: frames(ours),
      bareFramesPerSecond: frames(bare),
      openToReadyMs: Math.round(median(openMs)),
      groupOf: GROUP,
      groupCores: cores(groups),
      groupSlowestFramesPerSecond: frames(groups),
      bareGroupCores: cores(bareGroups),
      bareGroupSlowestFramesPerSecond: frames(bareGroups),
    }),
  );
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.stop();
}

/** A call through the page. */
async function ourCall(openMs) {
  const visit = await platform.book();
  const pages = await Promise.all(browsers.map((browser) => openTab(browser)));
  const people = pages.map((page) => new CallPage(page));
  for (const [index, link] of [visit.client.link, visit.psychologist.link].entries()) {
    openMs.push(await openToReady(people[index], link));
    await people[index].at('join').click();
    await people[index].reaches('in-call');
  }
  await Promise.all(people.map((person) => person.seesOther()));
  const result = await atFullSize(pages);
  await closeAll(pages);
  return result;
}

/** From the start of the navigation to where one can join, by the page's own clock. */
async function openToReady(person, link) {
  await person.page.addInitScript(() => {
    const look = setInterval(() => {
      if (document.documentElement?.dataset.state === 'ready') {
        window.readyAt = performance.now();
        clearInterval(look);
      }
    }, 2);
  });
  await person.open(link);
  await person.reaches('ready');
  return person.page.evaluate(() => window.readyAt);
}

/** The same with nothing but a connection and two pictures a person. */
async function bareCall() {
  const pages = await bareTabs(browsers.length);
  await connectBare(pages, { video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } }, remoteWidth: 1088, ownWidth: 222 });
  const result = await atFullSize(pages);
  await closeAll(pages);
  return result;
}

/** Six people, everybody connected with everybody, and nothing that spares their devices anything. */
async function bareGroup() {
  const pages = await bareTabs(GROUP);
  await connectBare(pages, { video: GROUP_CAMERA, remoteWidth: 356, ownWidth: 222 });
  await pause(SETTLE_MS);
  const result = await spent(pages);
  await closeAll(pages);
  return result;
}

/** Tabs of both browsers in turn, on an address where cameras may be used. */
async function bareTabs(count) {
  const pages = await Promise.all(Array.from({ length: count }, (_, index) => openTab(browsers[index % browsers.length])));
  await Promise.all(pages.map((page) => page.goto(new URL('healthz', server.url).href)));
  return pages;
}

/** Six people in one visit, with small cameras. */
async function groupCall() {
  const guests = await Promise.all(Array.from({ length: GROUP - 2 }, (_, index) => platform.addUser(`Guest ${index + 1}`, 'client')));
  const visit = await platform.book({ guests: guests.map(({ id }) => id), sessionType: 'Group' });
  const links = [visit.client.link, visit.psychologist.link, ...guests.map(({ token }) => platform.linkTo(visit.id, token))];
  const pages = await Promise.all(links.map((_, index) => openTab(browsers[index % browsers.length])));
  await Promise.all(pages.map((page) => page.addInitScript(shrinkCamera, GROUP_CAMERA)));
  const people = pages.map((page) => new CallPage(page));
  for (const [index, person] of people.entries()) {
    await person.join(links[index]);
  }
  await Promise.all(people.map((person) => person.seesOther(GROUP - 1)));
  await pause(SETTLE_MS);
  const result = await spent(pages);
  await closeAll(pages);
  return result;
}

/** What a round costs once everybody gets the whole picture, and still does at its end. */
async function atFullSize(pages) {
  await Promise.all(pages.map((page) => page.waitForFunction(isWhole, WHOLE_WIDTH, { timeout: WHOLE_MAX_MS })));
  await pause(SETTLE_MS);
  const result = await spent(pages);
  if (!(await Promise.all(pages.map((page) => page.evaluate(isWhole, WHOLE_WIDTH)))).every(Boolean)) {
    throw new Error('The picture became smaller in the middle of a round: measure on a quieter machine.');
  }
  return result;
}

/** Runs in either page. */
function isWhole(width) {
  const root = document.querySelector('holdspace-call')?.shadowRoot ?? document;
  return root.querySelector('[data-testid=remote-video], .remote')?.videoWidth >= width;
}

/** Runs in either page: the frames of each picture that came, and when that was, by the page's own clock. */
function framesSeen() {
  const root = document.querySelector('holdspace-call')?.shadowRoot ?? document;
  const videos = [...root.querySelectorAll('[data-testid=remote-video], .remote')];
  return { atMs: performance.now(), frames: videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames) };
}

/** Runs in the page: there is only a small camera. */
function shrinkCamera({ width, height }) {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wishes) =>
    real(wishes.video ? { ...wishes, video: { ...(wishes.video === true ? {} : wishes.video), width, height } } : wishes);
}

/** The cores that all processes of both browsers take in one round, and how often the slowest picture in it moves. */
async function spent(pages) {
  const look = () => Promise.all(pages.map((page) => page.evaluate(framesSeen)));
  const [seenBefore, before, beganMs] = [await look(), await processorSeconds(), performance.now()];
  await pause(ROUND_MS);
  // On a busy machine a round takes longer than it was meant to.
  const [after, endedMs, seenAfter] = [await processorSeconds(), performance.now(), await look()];
  const rates = seenAfter.flatMap(({ atMs, frames }, page) =>
    frames.map((count, index) => ((count - seenBefore[page].frames[index]) / (atMs - seenBefore[page].atMs)) * 1000),
  );
  return { cores: ((after - before) / (endedMs - beganMs)) * 1000, framesPerSecond: Math.min(...rates) };
}

async function processorSeconds() {
  const sums = browsers.map(async (browser) => {
    const session = await browser.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  });
  return (await Promise.all(sums)).reduce((sum, seconds) => sum + seconds, 0);
}

function closeAll(pages) {
  return Promise.all(pages.map((page) => page.context().close()));
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function round2(number) {
  return Math.round(number * 100) / 100;
}
