// Networks that let little through, and let it through late: the call comes about, and goes on.
import '../net/root.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hears, observePaths, pathOf } from '../net/path.js';
import { makeCameras, picture } from '../net/pictures.js';
import { CLOUD_ADDRESS } from '../net/internet.js';
import { Site } from '../net/site.js';
import { Stage } from '../net/stage.js';
import { Turn } from '../net/turn.js';

describe('networks that let little through', { timeout: 240_000 }, () => {
  let stage, films;

  before(async () => {
    films = await makeCameras();
    stage = await Stage.set({ cameras: films.cameras });
  });

  after(async () => {
    await stage?.close();
    await films?.remove();
  });

  /** Both in a call of which the way of the media can be told. */
  const call = (t, site) => stage.inCall(t, { site, prepare: observePaths });

  test('behind ordinary routers two people meet without a relay', async (t) => {
    const { john, jane } = await call(t);
    for (const { page } of [john, jane]) {
      const { own, other } = await pathOf(page);
      assert.ok(![own, other].includes('relay'), `${own} to ${other}`);
    }
  });

  test('behind symmetric NAT on both sides they meet through the relay', async (t) => {
    await Promise.all([stage.john.becomeSymmetric(), stage.jane.becomeSymmetric()]);
    const { john, jane } = await call(t);
    const paths = await Promise.all([john, jane].map(({ page }) => pathOf(page)));
    for (const { own, other } of paths) {
      assert.ok([own, other].includes('relay'), `${own} to ${other}`);
    }
    await picture(john, 'symmetric-nat');
  });

  test('where UDP is blocked the media takes the relay by TCP', async (t) => {
    await stage.john.blockUdp();
    const { john } = await call(t);
    const { own, relayProtocol } = await pathOf(john.page);
    assert.deepEqual({ own, relayProtocol }, { own: 'relay', relayProtocol: 'tcp' });
    await picture(john, 'udp-blocked');
  });

  test('a relay that is not our own will do', async (t) => {
    const turn = await Turn.start(stage.internet.cloud, CLOUD_ADDRESS);
    t.after(() => turn.stop());
    const site = await Site.start(stage.internet.cloud, turn.settings, 1);
    t.after(() => site.close());
    await Promise.all([stage.john.becomeSymmetric(), stage.jane.becomeSymmetric()]);
    const { john } = await call(t, site);
    const { own, other } = await pathOf(john.page);
    assert.ok([own, other].includes('relay'), `${own} to ${other}`);
  });

  test('with one packet in ten lost both see and hear each other, and read that the line is not good', async (t) => {
    const { john, jane } = await call(t);
    await stage.john.lose(10);
    await jane.page.locator('[data-testid=quality]:not([data-verdict=good])').waitFor();
    await Promise.all([john.seesOther(), jane.seesOther()]);
    await picture(jane, 'loss');
  });

  test('with one packet in ten lost from the start the call comes about', async (t) => {
    await stage.john.lose(10);
    await call(t);
  });

  test('with 120 ms more in each direction and two packets in a hundred lost the call comes about', async (t) => {
    await stage.john.slowDown(120);
    await stage.john.lose(2);
    const { john } = await call(t);
    await picture(john, 'delay');
  });

  test('a line that loses what is large carries the voice, the other reads why, and the picture comes back by itself', async (t) => {
    const { john, jane } = await call(t);
    await stage.john.loseLarge(60);
    const pause = jane.at('tile').filter({ hasText: 'The picture pauses until the connection is better. The sound goes on.' });
    await pause.waitFor();
    await hears(jane.page);
    await picture(jane, 'narrow');
    await stage.john.loseLarge(0);
    // It is tried again after a while that grows with each try that did not hold.
    await pause.waitFor({ state: 'detached', timeout: 60_000 });
    await jane.seesOther();
    assert.equal(await john.state, 'in-call');
  });
});
