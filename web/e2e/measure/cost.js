// Measures what a call costs: the processor time of both browsers in a call on our page, over that of a bare page with
// the same tracks, in rounds that take turns; how long the page takes until one can join; and whether six people can talk.
// `node e2e/measure/cost.js [rounds]` prints one line of JSON.
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

const SETTLE_MS = 4_000;
const ROUND_MS = 10_000;
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
  const group = await groupCall();
  const cores = (seconds) => round2(seconds / (ROUND_MS / 1000));
  console.log(
    JSON.stringify({
      rounds,
      callOverBare: round2(median(ours.map((own, round) => own / bare[round]))),
      callCores: cores(median(ours)),
      bareCores: cores(median(bare)),
      openToReadyMs: Math.round(median(openMs)),
      groupOf: GROUP,
      groupCores: cores(group.seconds),
      slowestFramesPerSecond: round2(group.frames / (ROUND_MS / 1000)),
    }),
  );
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.stop();
}

/** Seconds of processor time in a call through the page. */
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
  const seconds = await spent();
  await closeAll(pages);
  return seconds;
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

/** The same with nothing but two connections and two pictures a person. */
async function bareCall() {
  const pages = await Promise.all(browsers.map((browser) => openTab(browser)));
  await Promise.all(pages.map((page) => page.goto(new URL('healthz', server.url).href)));
  await Promise.all(pages.map((page) => page.evaluate(openBare)));
  const offer = await pages[0].evaluate(() => window.describe('offer'));
  const answer = await pages[1].evaluate((description) => window.describe('answer', description), offer);
  await pages[0].evaluate((description) => window.connection.setRemoteDescription(description), answer);
  for (const page of pages) {
    await page.waitForFunction(() => document.querySelector('#remote').getVideoPlaybackQuality().totalVideoFrames > 10);
  }
  const seconds = await spent();
  await closeAll(pages);
  return seconds;
}

/** Runs in the bare page. */
async function openBare() {
  const wishes = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } };
  const stream = await navigator.mediaDevices.getUserMedia(wishes);
  const show = (id, width) => {
    const video = Object.assign(document.createElement('video'), { id, autoplay: true, muted: id === 'own', width });
    document.body.append(video);
    return video;
  };
  const remote = show('remote', 1088);
  show('own', 222).srcObject = stream;
  const connection = new RTCPeerConnection();
  connection.ontrack = ({ streams: [first] }) => {
    remote.srcObject = first;
  };
  stream.getTracks().forEach((track) => connection.addTrack(track, stream));
  window.connection = connection;
  window.describe = async (type, offer) => {
    if (offer) {
      await connection.setRemoteDescription(offer);
    }
    await connection.setLocalDescription();
    while (connection.iceGatheringState !== 'complete') {
      await new Promise((changed) => connection.addEventListener('icegatheringstatechange', changed, { once: true }));
    }
    return { type, sdp: connection.localDescription.sdp };
  };
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
  const before = await Promise.all(people.map((person) => framesSeen(person.page)));
  const seconds = await spent(0);
  const after = await Promise.all(people.map((person) => framesSeen(person.page)));
  await closeAll(pages);
  return { seconds, frames: Math.min(...after.map((frames, index) => frames - before[index])) };
}

/** Of the pictures that a person sees, the frames of that with the fewest. */
function framesSeen(page) {
  return page.getByTestId('remote-video').evaluateAll((videos) => Math.min(...videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames)));
}

/** Runs in the page: there is only a small camera. */
function shrinkCamera({ width, height }) {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wishes) =>
    real(wishes.video ? { ...wishes, video: { ...(wishes.video === true ? {} : wishes.video), width, height } } : wishes);
}

/** Seconds of processor time of all processes of both browsers in one round, once what is on its way has settled. */
async function spent(settleMs = SETTLE_MS) {
  await pause(settleMs);
  const before = await processorSeconds();
  await pause(ROUND_MS);
  return (await processorSeconds()) - before;
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
