// Measures how long a call takes to come back after a fault: `node e2e/measure/recovery.js [rounds]`, as root.
// Prints a table. Times count from the end of the fault to the worse of the two people.
import { loadavg } from 'node:os';
import { setTimeout as last } from 'node:timers/promises';
import { Stage } from '../net/stage.js';

const rounds = Number(process.argv[2] ?? 3);
/** Pictures that come further apart than this have stopped. */
const STOPPED_MS = 500;
/** What still happens this long after both were well again is another matter. */
const SETTLE_MS = 2_000;

const FAULTS = {
  'blackout of 3 s': ({ john }) => during(3_000, () => john.goDark(), () => john.comeBack()),
  'blackout of 25 s': ({ john }) => during(25_000, () => john.goDark(), () => john.comeBack()),
  'link down for 5 s': ({ john }) => during(5_000, () => john.unplug(), () => john.plugBack()),
  'change of address': ({ john }) => during(0, () => john.move(), () => {}),
  'server killed and started': ({ site }) => during(0, () => site.server.restart(), () => {}),
};

const stage = await Stage.set();
try {
  console.log('| fault | picture moves again, median | worst | way to the server is back, median | worst |\n|---|---|---|---|---|');
  for (const [name, fault] of Object.entries(FAULTS)) {
    const results = [];
    for (let round = 0; round < rounds; round += 1) {
      results.push(await measure(fault));
    }
    const columns = ['mediaMs', 'serverMs'].flatMap((key) => summary(results.map((result) => result[key])));
    console.log(`| ${[name, ...columns].join(' | ')} |`);
  }
  console.log(`\n${rounds} rounds, load of the machine at the end ${loadavg()[0].toFixed(1)}`);
} finally {
  await stage.close();
}

async function measure(fault) {
  const cleanups = [];
  const { john, jane } = await stage.inCall({ after: (cleanup) => cleanups.push(cleanup) });
  try {
    await Promise.all([watch(john), watch(jane)]);
    const { startedMs, endedMs } = await fault(stage);
    await Promise.all([john, jane].map(async (person) => {
      await person.seesOther();
      await person.reaches('in-call');
    }));
    await last(SETTLE_MS);
    const seen = await Promise.all([john, jane].map(({ page }) => page.evaluate(() => window.seen)));
    return {
      mediaMs: Math.max(...seen.map(({ frames }) => stoppedUntil(frames, startedMs) - endedMs)),
      serverMs: Math.max(...seen.map(({ states }) => (states.findLast(([state, atMs]) => state === 'in-call' && atMs > startedMs)?.[1] ?? 0) - endedMs)),
    };
  } finally {
    for (const cleanup of cleanups) {
      await cleanup();
    }
  }
}

/** When the fault began and ended, by the clock of this machine, which is the browsers' too. */
async function during(milliseconds, begin, end) {
  const startedMs = Date.now();
  await begin();
  await last(milliseconds);
  await end();
  return { startedMs, endedMs: Date.now() };
}

/** Notes when pictures come and when the state changes. */
function watch({ page }) {
  return page.evaluate(() => {
    window.seen = { frames: [], states: [] };
    let [count, state] = [0, ''];
    setInterval(() => {
      const now = { state: document.documentElement.dataset.state, count: 0 };
      const video = document.querySelector('holdspace-call').shadowRoot.querySelector('[data-testid=remote-video]');
      now.count = video?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      if (now.count !== count) {
        window.seen.frames.push(Date.now());
      }
      if (now.state !== state) {
        window.seen.states.push([now.state, Date.now()]);
      }
      ({ count, state } = now);
    }, 20);
  });
}

/** When the last stop that began after `sinceMs`, or was under way then, was over; 0 when there was none. */
function stoppedUntil(frames, sinceMs) {
  const ends = frames.filter((atMs, index) => index > 0 && atMs > sinceMs && atMs - frames[index - 1] > STOPPED_MS);
  return ends.at(-1) ?? 0;
}

/** Median and worst in seconds; a dash where it was never gone. */
function summary(allMs) {
  const sorted = allMs.toSorted((a, b) => a - b);
  return [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((ms) => (ms > 0 ? `${(ms / 1000).toFixed(1)} s` : '–'));
}
