// Takes the README's picture: a real call of two drawn people. `node e2e/picture/take.js [file.png]`
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { MINUTE_MS, Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';
import { film } from './camera.js';
import { drawClient, drawPsychologist } from './scene.js';

const target = process.argv[2] ?? fileURLToPath(new URL('../../../docs/images/call.png', import.meta.url));
const SHARP_WIDTH = 1280;

const folder = await mkdtemp(join(tmpdir(), 'holdspace-picture-'));
const closing = [() => rm(folder, { recursive: true })];
try {
  const films = await makeFilms();
  const server = await startServer();
  closing.push(() => server.stop());
  const platform = new Platform(server);
  const visit = await platform.book({ startsInMinutes: -10 });
  const startTime = new Date(Date.now() - 9 * MINUTE_MS - 41_000).toISOString();
  await platform.call('POST', `video-calls/start/${visit.id}`, { startTime }, visit.psychologist.token);

  const [john, jane] = await Promise.all(films.map(open));
  await john.join(visit.client.link);
  await jane.join(visit.psychologist.link);
  await Promise.all([john.seesOther(), jane.seesOther()]);
  for (const person of [john, jane]) {
    await person.isSharp(SHARP_WIDTH);
  }
  await jane.says('elapsed', /^\d+:\d\d$/);
  await jane.page.screenshot({ path: target });
  console.log(`Saved ${target}.`);
} finally {
  for (const close of closing.reverse()) {
    await close();
  }
}

async function makeFilms() {
  const browser = await launchBrowser();
  const films = [join(folder, 'client.y4m'), join(folder, 'psychologist.y4m')];
  await film(browser, drawClient, films[0]);
  await film(browser, drawPsychologist, films[1]);
  await browser.close();
  return films;
}

async function open(camera) {
  const browser = await launchBrowser({ camera });
  closing.push(() => browser.close());
  return new CallPage(await openTab(browser, { viewport: { width: 1200, height: 720 } }));
}
