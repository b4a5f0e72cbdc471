// A group: the layout has room for each of up to eight people, on every kind of screen.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, openTab } from '../harness/browser.js';
import { CallPage } from '../harness/call-page.js';
import { Platform } from '../harness/platform.js';
import { startServer } from '../harness/server.js';

const ROOM = 8;
/** So many are real; pages with that many connections each are more than a small machine carries, so the others are copies. */
const REAL = 4;
const SCREENS = {
  desktop: { width: 1280, height: 800 },
  'a small window': { width: 800, height: 600 },
  'a phone': { width: 390, height: 844 },
  'a phone held level': { width: 844, height: 390 },
  'the smallest phone': { width: 320, height: 568 },
};
/** Room for a face, or for initials and a name: below, nobody would know who it is. */
const LEAST = { width: 72, height: 56 };

describe('a group', { timeout: 240_000 }, () => {
  let server, platform, browsers;

  before(async () => {
    server = await startServer();
    platform = new Platform(server);
    browsers = await Promise.all([launchBrowser(), launchBrowser()]);
  });

  after(async () => {
    await Promise.all((browsers ?? []).map((browser) => browser.close()));
    await server?.stop();
  });

  test('of two to eight, each other one has a place in view on every screen', async (t) => {
    const guests = await Promise.all(Array.from({ length: REAL - 2 }, (_, index) => platform.addUser(`Guest ${index + 1}`, 'client')));
    const visit = await platform.book({ guests: guests.map(({ id }) => id), sessionType: 'Group' });
    const join = async (link, index) => {
      const person = new CallPage(await openTab(browsers[index % browsers.length]));
      t.after(() => person.page.context().close());
      await person.open(link);
      await person.reaches('ready');
      // Voices and faces cost; where people stand does not depend on them.
      await person.at('door-camera').click();
      await person.at('door-microphone').click();
      await person.at('join').click();
      await person.reaches('in-call');
      return person;
    };
    const john = await join(visit.client.link, 0);
    const links = [visit.psychologist.link, ...guests.map(({ token }) => platform.linkTo(visit.id, token))];
    for (const [index, link] of links.entries()) {
      await join(link, index + 1);
      await john.page.locator(`[data-testid=stage][data-count="${index + 1}"]`).waitFor();
      await assertEverybodyHasAPlace(john.page, index + 1);
    }
    for (let others = REAL; others < ROOM; others += 1) {
      await john.page.evaluate(addCopy, others);
      await assertEverybodyHasAPlace(john.page, others);
    }
    john.hasNoComplaints();
  });
});

/** Runs in the page: one more of the others, who looks like the last. */
function addCopy(others) {
  const { shadowRoot } = document.querySelector('holdspace-call');
  const last = [...shadowRoot.querySelectorAll('[data-testid=tile]')].at(-1);
  last.after(last.cloneNode(true));
  for (const counted of shadowRoot.querySelectorAll('[data-count]')) {
    counted.dataset.count = others;
  }
}

async function assertEverybodyHasAPlace(page, others) {
  for (const [name, size] of Object.entries(SCREENS)) {
    await page.setViewportSize(size);
    assertPlaces(await places(page), size, others, `${others + 1} people, ${name}`);
  }
}

/** Where everybody stands, once the layout has followed the size of the window. */
function places(page) {
  return page.evaluate(async () => {
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const { shadowRoot } = document.querySelector('holdspace-call');
    return {
      tiles: [...shadowRoot.querySelectorAll('[data-testid=tile]')].map((tile) => tile.getBoundingClientRect().toJSON()),
      leave: shadowRoot.querySelector('[data-testid=leave]').getBoundingClientRect().toJSON(),
      scrolls: document.documentElement.scrollWidth > innerWidth,
    };
  });
}

function assertPlaces({ tiles, leave, scrolls }, { width, height }, count, where) {
  assert.equal(tiles.length, count, where);
  assert.equal(scrolls, false, `${where}: scrolls sideways`);
  for (const [index, tile] of [...tiles, leave].entries()) {
    const isInView = tile.left >= 0 && tile.top >= 0 && tile.right <= width && tile.bottom <= height;
    assert.ok(isInView, `${where}: ${index} is out of view, ${JSON.stringify(tile)}`);
  }
  for (const [index, tile] of tiles.entries()) {
    assert.ok(tile.width >= LEAST.width && tile.height >= LEAST.height, `${where}: ${index} is too small, ${JSON.stringify(tile)}`);
    for (const other of [...tiles.slice(index + 1), leave]) {
      assert.ok(!overlaps(tile, other), `${where}: ${index} lies over another, ${JSON.stringify([tile, other])}`);
    }
  }
}

function overlaps(one, other) {
  return one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1;
}
