// Nobody has a public address: the server is behind a one-to-one NAT and knows its public address alone, and both people
// are behind symmetric NATs. The call works through the relay.
import '../net/root.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { WAYS, relayOnly } from '../harness/relay-only.js';
import { hears, observePaths, pathOf } from '../net/path.js';
import { Stage } from '../net/stage.js';

describe('a server behind NAT with nothing configured but its public address', { timeout: 240_000 }, () => {
  let stage;

  before(async () => {
    stage = await Stage.set({ isBehindNat: true });
  });

  after(() => stage?.close());

  /** Both behind symmetric NATs, in a call in which they see and hear each other: how each one's media goes. */
  async function paths(t, prepare = observePaths) {
    await Promise.all([stage.john.becomeSymmetric(), stage.jane.becomeSymmetric()]);
    const people = await stage.inCall(t, { prepare });
    const pages = [people.john.page, people.jane.page];
    await Promise.all(pages.map((page) => hears(page)));
    return Promise.all(pages.map((page) => pathOf(page)));
  }

  test('symmetric on both sides: the media takes the relay by UDP', async (t) => {
    const found = await paths(t);
    for (const { own, other } of found) {
      assert.ok([own, other].includes('relay'), `${own} to ${other}`);
    }
    const protocols = found.filter(({ own }) => own === 'relay').map(({ relayProtocol }) => relayProtocol);
    assert.ok(protocols.length > 0 && protocols.every((protocol) => protocol === 'udp'), protocols.join());
  });

  test('symmetric on both sides and UDP blocked on one: that one reaches the relay by TCP', async (t) => {
    await stage.john.blockUdp();
    const [john, jane] = await paths(t);
    assert.deepEqual([john.own, john.relayProtocol], ['relay', 'tcp']);
    assert.notEqual(jane.relayProtocol, 'tcp');
  });

  test('both on relayed addresses meet inside the relay, though nothing outside could send to it from there', async (t) => {
    const found = await paths(t, async (page) => {
      await observePaths(page);
      await page.addInitScript(relayOnly, WAYS[0].pattern);
    });
    const way = { own: 'relay', other: 'relay', relayProtocol: 'udp' };
    assert.deepEqual(found, [way, way]);
  });
});
