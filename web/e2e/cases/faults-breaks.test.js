// What breaks in the middle of a call mends by itself, and what did not break goes on.
import '../net/root.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as last } from 'node:timers/promises';
import { makeCameras, picture } from '../net/pictures.js';
import { Stage } from '../net/stage.js';

describe('breaks in the middle of a call', { timeout: 300_000 }, () => {
  let stage, films;

  before(async () => {
    films = await makeCameras();
    // A lost connection that carries nothing is noticed by the heartbeat, which is to be seen here in seconds.
    const settings = { SIGNALING__PING_INTERVAL_MS: '4000', SIGNALING__PING_TIMEOUT_MS: '3000' };
    stage = await Stage.set({ settings, cameras: films.cameras });
  });

  after(async () => {
    await stage?.close();
    await films?.remove();
  });

  /** Both are in the call without a trouble, and see each other move. */
  async function areWell(...people) {
    await Promise.all(people.map((person) => person.reaches('in-call')));
    await Promise.all(people.map((person) => person.seesOther()));
    await Promise.all(people.map((person) => person.page.locator('[data-testid=trouble].is-empty').waitFor({ state: 'attached' })));
  }

  const isTold = (person, words) => person.says('trouble', words);

  test('after three seconds without a network both go on', async (t) => {
    const { john, jane } = await stage.inCall(t);
    await stage.john.goDark();
    const told = Promise.all([isTold(john, /interrupted|lost/), isTold(jane, 'The connection to John Doe is interrupted')]);
    await last(3_000);
    await told;
    await picture(jane, 'blackout-short');
    await stage.john.comeBack();
    await areWell(john, jane);
  });

  test('after twenty-five seconds without a network both go on', async (t) => {
    const { visit, john, jane } = await stage.inCall(t);
    await stage.john.goDark();
    const told = john.reaches('recovering');
    await last(25_000);
    await told;
    await Promise.all([picture(john, 'blackout-long'), picture(jane, 'blackout-long-other')]);
    await stage.john.comeBack();
    await areWell(john, jane);
    assert.equal((await stage.site.platform.session(visit.id)).status, 'In Progress');
  });

  test('after five seconds with the cable pulled out both go on', async (t) => {
    const { john, jane } = await stage.inCall(t);
    await stage.john.unplug();
    const told = Promise.all([john.reaches('recovering'), isTold(jane, 'John Doe')]);
    await last(5_000);
    await told;
    await picture(john, 'link-down');
    await stage.john.plugBack();
    await areWell(john, jane);
  });

  test('who changes from one network to another stays in the call', async (t) => {
    const { john, jane } = await stage.inCall(t);
    const told = isTold(jane, 'John Doe');
    await stage.john.move();
    await told;
    await picture(jane, 'address-change');
    await areWell(john, jane);
  });

  test('while the server alone is out of reach they go on seeing each other', async (t) => {
    const { john, jane } = await stage.inCall(t);
    await Promise.all([john.watchMedia(), jane.watchMedia()]);
    const told = Promise.all([isTold(john, 'You can still see and hear each other'), isTold(jane, 'John Doe is reconnecting')]);
    await stage.john.loseServer();
    await told;
    await picture(john, 'socket-lost');
    await stage.john.findServer();
    await areWell(john, jane);
    await Promise.all([john.mediaNeverStopped(), jane.mediaNeverStopped()]);
  });

  test('a server that is killed and started again is not missed', async (t) => {
    const { visit, john, jane } = await stage.inCall(t);
    await Promise.all([john.watchMedia(), jane.watchMedia()]);
    const away = Promise.all([john.reaches('recovering'), jane.reaches('recovering')]);
    await stage.site.server.restart();
    await away;
    await areWell(john, jane);
    await Promise.all([john.mediaNeverStopped(), jane.mediaNeverStopped()]);
    await jane.endsVisit();
    await john.reaches('ended');
    await stage.site.platform.completed(visit.id);
  });

  test('who reloads the page is back in the same place', async (t) => {
    const { john, jane } = await stage.inCall(t);
    const told = isTold(jane, 'John Doe is reconnecting').then(() => picture(jane, 'reload-other'));
    await john.page.reload();
    await told;
    await areWell(john, jane);
  });

  test('a second tab of the same person takes over', async (t) => {
    const { visit, john, jane } = await stage.inCall(t);
    const second = await john.secondTab(visit.client.link);
    await second.reaches('ready');
    await second.at('join').click();
    await john.reaches('ended');
    await john.says('outcome-title', 'The visit goes on elsewhere');
    await areWell(second, jane);
    await picture(john, 'second-tab');
  });
});
