// axe-core finds nothing to complain about in any view, and the page works in a narrow window.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, one line each; the pictures of people have no captions to offer. */
async function violations({ page }) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const result = await window.axe.run(document, { rules: { 'video-caption': { enabled: false } } });
    return result.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

const isWithinWindow = ({ page }) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);

describe('accessibility', { timeout: 240_000 }, () => {
  for (const viewport of [
    { width: 1120, height: 700 },
    { width: 360, height: 640 },
  ]) {
    test(`every view, ${viewport.width} pixels wide`, async (t) => {
      const server = await startServer();
      t.after(() => server.stop());
      const browser = await launchBrowser();
      t.after(() => browser.close());
      const platform = new Platform(server);
      const check = async (view) => assert.deepEqual([await violations(view), await isWithinWindow(view)], [[], true]);

      const early = await platform.book({ startsInMinutes: 60 });
      const waiting = await new CallPage(await openTab(browser, { viewport })).open(early.client.link);
      await waiting.reaches('waiting');
      await check(waiting);

      const visit = await platform.book();
      const jane = await new CallPage(await openTab(browser, { viewport })).open(visit.psychologist.link);
      await jane.reaches('ready');
      await check(jane);
      await jane.at('join').click();
      await jane.reaches('in-call');
      await jane.at('alone').waitFor();
      await check(jane);
      const john = await new CallPage(await openTab(browser)).join(visit.client.link);
      await Promise.all([john.seesOther(), jane.seesOther()]);
      await jane.at('elapsed').waitFor();
      await check(jane);
      await jane.at('end').click();
      await check(jane);
      await jane.at('end-yes').click();
      await jane.reaches('ended');
      await check(jane);
    });
  }
});
