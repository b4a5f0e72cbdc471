// A call page in a browser that Playwright cannot drive, or must not touch: by Puppeteer.
const PATIENCE = { timeout: 30_000, polling: 100 };
const FRAMES = 10;

export class PuppetPage {
  constructor(page) {
    this.page = page;
  }

  async join(link) {
    await this.page.goto(link);
    await this.reaches('ready');
    await this.page.evaluate(() => document.querySelector('holdspace-call').shadowRoot.querySelector('[data-testid=join]').click());
    await this.reaches('in-call');
    return this;
  }

  async reaches(...states) {
    await this.page.waitForFunction((names) => names.includes(document.documentElement.dataset.state), PATIENCE, states);
  }

  /** Sees the other move: more frames than there are now. */
  async seesOther() {
    const now = await this.page.evaluate(framesPast, -1);
    await this.page.waitForFunction(framesPast, PATIENCE, Math.max(now, 0) + FRAMES);
  }

  /** What one's own camera is asked for, in pictures a second, and whether it still makes them. */
  cameraRate() {
    return this.page.evaluate(() => {
      const [track] = document.querySelector('holdspace-call').shadowRoot.querySelector('[data-testid=own-video]').srcObject.getVideoTracks();
      return { max: track.getConstraints().frameRate?.max, isLive: track.readyState === 'live' && !track.muted };
    });
  }

  async says(name, words) {
    await this.page.waitForFunction(
      (id, text) => document.querySelector('holdspace-call').shadowRoot.querySelector(`[data-testid=${id}]`)?.textContent.includes(text),
      PATIENCE,
      name,
      words,
    );
  }
}

/** Runs in the page: how many frames of the other were shown, once they are more than `count`. Firefox counts none itself. */
function framesPast(count) {
  const video = document.querySelector('holdspace-call').shadowRoot.querySelector('[data-testid=remote-video]');
  if (video && window.shown?.video !== video) {
    const shown = { video, frames: 0 };
    const show = () => {
      shown.frames += 1;
      video.requestVideoFrameCallback(show);
    };
    video.requestVideoFrameCallback(show);
    window.shown = shown;
  }
  const frames = window.shown?.frames ?? 0;
  return frames > count ? frames : 0;
}
