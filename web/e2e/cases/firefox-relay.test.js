// Firefox, which knows no way but our relay, and Chromium in a call: over UDP, TCP and TLS.
import '../net/root.js';
import { after, before, describe, test } from 'node:test';
import { openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { WAYS, relayOnly } from '../harness/relay-only.js';
import { Firefox } from '../net/firefox.js';
import { PuppetPage } from '../net/puppet-page.js';
import { Stage } from '../net/stage.js';

describe('Firefox through the relay', { timeout: 180_000 }, () => {
  let stage, firefox;

  before(async () => {
    stage = await Stage.set({ people: ['jane'], relayName: 'relay.holdspace.test' });
    firefox = await Firefox.start(stage.john.machine);
  });

  after(async () => {
    await firefox?.close();
    await stage?.close();
  });

  for (const { name, pattern } of WAYS) {
    test(`over ${name}`, async (t) => {
      const tab = await firefox.openTab();
      t.after(() => tab.close());
      await tab.page.evaluateOnNewDocument(relayOnly, pattern);
      const page = await openTab(stage.browsers.jane);
      t.after(() => page.context().close());
      const [john, jane] = [new PuppetPage(tab.page), new CallPage(page)];
      const visit = await stage.site.book();
      await john.join(visit.client.link);
      await jane.join(visit.psychologist.link);
      await Promise.all([john.seesOther(), jane.seesOther()]);
      await jane.endsVisit();
      await john.reaches('ended');
    });
  }
});
