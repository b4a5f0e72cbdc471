// Firefox and Chromium call each other, whoever comes first.
import '../net/root.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Firefox } from '../net/firefox.js';
import { PuppetPage } from '../net/puppet-page.js';
import { Stage } from '../net/stage.js';

describe('Firefox', { timeout: 180_000 }, () => {
  let stage, firefox;

  before(async () => {
    stage = await Stage.set({ people: ['jane'] });
    firefox = await Firefox.start(stage.john.machine);
  });

  after(async () => {
    await firefox?.close();
    await stage?.close();
  });

  /** John has Firefox, Jane has Chromium. */
  async function open(t) {
    const tab = await firefox.openTab();
    t.after(() => tab.close());
    const page = await openTab(stage.browsers.jane);
    t.after(() => page.context().close());
    t.after(() => stage.john.heal());
    return { john: new PuppetPage(tab.page), jane: new CallPage(page) };
  }

  async function meet(john, jane) {
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await Promise.all([john.says('call-name', 'Dr. Jane Smith'), jane.says('call-name', 'John Doe')]);
  }

  test('is called by Chromium', async (t) => {
    const { john, jane } = await open(t);
    const visit = await stage.site.book();
    await jane.join(visit.psychologist.link);
    await john.join(visit.client.link);
    await meet(john, jane);
    await jane.endsVisit();
    await Promise.all([john.reaches('ended'), jane.reaches('ended')]);
  });

  test('calls Chromium', async (t) => {
    const { john, jane } = await open(t);
    const visit = await stage.site.book();
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await meet(john, jane);
  });

  test('calls Chromium through the relay', async (t) => {
    const { john, jane } = await open(t);
    await stage.john.blockUdp();
    const visit = await stage.site.book();
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await meet(john, jane);
  });

  test('makes fewer pictures for a group, and they flow on', async (t) => {
    const { john, jane } = await open(t);
    const guests = await Promise.all(['Sam Doe', 'Mia Doe'].map((name) => stage.site.platform.addUser(name, 'client')));
    const visit = await stage.site.book({ guests: guests.map(({ id }) => id) });
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await meet(john, jane);
    assert.deepEqual(await john.cameraRate(), { max: 30, isLive: true });
    for (const { token } of guests) {
      const page = await openTab(stage.browsers.jane, { viewport: { width: 480, height: 360 } });
      t.after(() => page.context().close());
      await new CallPage(page).join(stage.site.linkTo(visit.id, token));
    }
    await jane.seesOther(3);
    await john.page.waitForFunction(() => document.querySelector('holdspace-call').shadowRoot.querySelector('[data-testid=own-video]').srcObject?.getVideoTracks()[0].getConstraints().frameRate?.max === 20, { timeout: 30_000, polling: 100 });
    assert.deepEqual(await john.cameraRate(), { max: 20, isLive: true });
    await Promise.all([jane.seesOther(3), john.seesOther()]);
  });

  test('is back in the call after three seconds without a network', async (t) => {
    const { john, jane } = await open(t);
    const visit = await stage.site.book();
    await john.join(visit.client.link);
    await jane.join(visit.psychologist.link);
    await meet(john, jane);
    const told = jane.says('trouble', 'John Doe');
    await stage.john.goDark();
    await told;
    await stage.john.comeBack();
    await meet(john, jane);
  });
});
