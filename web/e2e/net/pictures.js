// Pictures of what a person sees, taken where HOLDSPACE_PICTURES names a folder; films of drawn people in place of test pictures.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from '../harness/browser.js';
import { film } from '../picture/camera.js';
import { drawClient, drawPsychologist } from '../picture/scene.js';

const FOLDER = process.env.HOLDSPACE_PICTURES;

/** Takes one, and goes on at once when none is wanted. */
export async function picture({ page }, name) {
  if (FOLDER) {
    await mkdir(FOLDER, { recursive: true });
    // The pointer would hover over what was pressed last.
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(FOLDER, `fault-${name}.jpg`), type: 'jpeg', quality: 80, animations: 'disabled' });
  }
}

/** @returns {Promise<{ cameras: { john?: string, jane?: string }, remove: () => Promise<void> }>} */
export async function makeCameras() {
  if (!FOLDER) {
    return { cameras: {}, remove: async () => {} };
  }
  const directory = await mkdtemp(join(tmpdir(), 'holdspace-films-'));
  const cameras = { john: join(directory, 'client.y4m'), jane: join(directory, 'psychologist.y4m') };
  const browser = await launchBrowser();
  await film(browser, drawClient, cameras.john);
  await film(browser, drawPsychologist, cameras.jane);
  await browser.close();
  return { cameras, remove: () => rm(directory, { recursive: true, force: true }) };
}
