// What a person does and sees on the call page.
import assert from 'node:assert/strict';
import { watch } from './browser.js';

const FRAMES = 10;
/** Each look counts for itself. */
let looks = 0;

export class CallPage {
  constructor(page) {
    this.page = page;
  }

  at(name) {
    return this.page.getByTestId(name);
  }

  async open(link) {
    await this.page.goto(link);
    return this;
  }

  /** Runs `look` with an element that the page shows in its shadow root. */
  look(name, look) {
    return this.at(name).first().evaluate(look);
  }

  /** What an element is painted with, once it has stopped changing. */
  painted(name, ...properties) {
    return this.at(name).first().evaluate(async (element, names) => {
      await Promise.all(element.getAnimations().map(({ finished }) => finished));
      return names.map((property) => getComputedStyle(element)[property]);
    }, properties);
  }

  /** Waits for a state of the visit. */
  async reaches(...states) {
    await this.page.waitForFunction((names) => names.includes(document.documentElement.dataset.state), states);
  }

  get state() {
    return this.page.evaluate(() => document.documentElement.dataset.state);
  }

  async join(link) {
    await this.open(link);
    await this.reaches('ready');
    await this.at('join').click();
    await this.reaches('in-call');
    return this;
  }

  /** Sees a moving picture of each other one: so many more frames than there are now. */
  async seesOther(others = 1) {
    looks += 1;
    await this.page.waitForFunction(allMove, [others, FRAMES, looks]);
  }

  /** Sees the other at full size: a call begins with a small picture. */
  isSharp(width) {
    return this.page.waitForFunction((least) => {
      const { shadowRoot } = document.querySelector('holdspace-call');
      return shadowRoot.querySelector('[data-testid=remote-video]')?.videoWidth >= least;
    }, width, { timeout: 60_000 });
  }

  /** Marks the connection and counts its breaks, so that a test can tell that the media never stopped. */
  async watchMedia() {
    await this.look('tile', (tile) => {
      const video = tile.querySelector('video');
      Object.assign(window, { watched: { tile, stream: video.srcObject, breaks: 0 } });
      for (const track of video.srcObject.getTracks()) {
        track.addEventListener('ended', () => (window.watched.breaks += 1));
      }
      new MutationObserver(() => {
        if (tile.dataset.connection !== 'connected') {
          window.watched.breaks += 1;
        }
      }).observe(tile, { attributeFilter: ['data-connection'] });
    });
  }

  async mediaNeverStopped() {
    const result = await this.look('tile', (tile) => ({
      breaks: window.watched.breaks,
      isSame: tile === window.watched.tile && tile.querySelector('video').srcObject === window.watched.stream,
    }));
    assert.deepEqual(result, { breaks: 0, isSame: true });
  }

  async says(name, words) {
    await this.at(name).filter({ hasText: words }).waitFor();
  }

  async endsVisit() {
    await this.at('end').click();
    await this.at('end-yes').click();
  }

  /** The same person opens the link in one more tab. */
  async secondTab(link) {
    const page = watch(await this.page.context().newPage());
    return new CallPage(page).open(link);
  }

  /** From the moment of join-room to the first picture of the other, in milliseconds. */
  joinMs() {
    return this.page.evaluate(() => {
      const first = (name) => performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN;
      return first('holdspace:first-remote-frame') - first('holdspace:join-room');
    });
  }

  hasNoComplaints() {
    assert.deepEqual(this.page.complaints, []);
  }
}

/** Runs in the page: the frames shown of whom fewest were shown of, once they are more than `count`. */
function allMove([others, frames, look]) {
  // Within our element, or in a page without it.
  const { shadowRoot = document } = document.querySelector('holdspace-call') ?? {};
  const videos = [...shadowRoot.querySelectorAll('[data-testid=remote-video]')];
  const moved = ((window.looks ??= {})[look] ??= new Map());
  for (const video of videos) {
    const count = video.getVideoPlaybackQuality().totalVideoFrames;
    const seen = moved.get(video) ?? { count, more: 0 };
    // Another stream in the same place counts from nought.
    moved.set(video, { count, more: seen.more + Math.max(0, count - (count < seen.count ? 0 : seen.count)) });
  }
  return videos.length === others && videos.every((video) => moved.get(video).more >= frames);
}
