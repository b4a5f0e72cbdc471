// Measures join-room to the first remote frame in two Chromium processes. `node e2e/measure/join.js [rounds]`
// Prints one line of JSON: {"rounds": 9, "medianMs": 240, "allMs": [...]}.
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

const rounds = Number(process.argv[2] ?? 9);
const server = await startServer();
const platform = new Platform(server);
const browsers = await Promise.all([launchBrowser(), launchBrowser()]);
try {
  const allMs = [];
  for (let round = 0; round < rounds; round += 1) {
    allMs.push(await measure());
  }
  const sorted = allMs.toSorted((a, b) => a - b);
  console.log(JSON.stringify({ rounds, medianMs: sorted[Math.floor(rounds / 2)], allMs }));
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
  await server.stop();
}

/** One call of two people who have not met before; the newcomer's time counts. */
async function measure() {
  const visit = await platform.book();
  const pages = await Promise.all(browsers.map((browser) => openTab(browser)));
  const [first, newcomer] = pages.map((page) => new CallPage(page));
  await first.join(visit.client.link);
  await newcomer.join(visit.psychologist.link);
  await Promise.all([first.seesOther(), newcomer.seesOther()]);
  const milliseconds = Math.round(await newcomer.joinMs());
  await Promise.all(pages.map((page) => page.context().close()));
  return milliseconds;
}
