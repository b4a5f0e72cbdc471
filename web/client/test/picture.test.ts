import { describe, expect, it } from 'vitest';
import { type PathMeasures, type PictureLevel, firstPicture, nextPicture, planPicture } from '../src/peer/picture.js';

const STEP_MS = 2_000;
const fine: PathMeasures = { availableKbps: 1_500, lossPercent: 0, roundTripMs: 40 };
const lossy: PathMeasures = { ...fine, lossPercent: 10 };
const hopeless: PathMeasures = { availableKbps: 40, lossPercent: 30, roundTripMs: 900 };

/** The level after each measurement, one every two seconds; the same one in a row is written once with its length. */
function levels(path: readonly [PathMeasures, number][]): string {
  const runs: { level: PictureLevel; seconds: number }[] = [];
  let state = firstPicture(0);
  let nowMs = 0;
  for (const [measures, count] of path) {
    for (let index = 0; index < count; index += 1) {
      nowMs += STEP_MS;
      state = nextPicture(state, measures, nowMs);
      const last = runs.at(-1);
      if (last?.level === state.level) {
        last.seconds += 2;
      } else {
        runs.push({ level: state.level, seconds: 2 });
      }
    }
  }
  return runs.map(({ level, seconds }) => `${level} ${seconds}`).join(', ');
}

describe('the picture on its path', () => {
  it.each<[string, [PathMeasures, number][], string]>([
    ['stays as it is on a good path', [[fine, 30]], 'full 60'],
    ['does not mind one bad measurement', [[fine, 3], [hopeless, 1], [fine, 3]], 'full 14'],
    ['is sent smaller when the path loses it', [[fine, 3], [lossy, 10]], 'full 8, small 18'],
    ['is not sent when that harms even the sound', [[fine, 3], [hopeless, 10]], 'full 8, small 6, paused 12'],
    ['comes back step by step once it is well', [[fine, 10], [lossy, 2], [fine, 10]], 'full 22, small 8, full 14'],
    ['comes back from nothing', [[fine, 10], [hopeless, 6], [fine, 30]], 'full 22, small 6, paused 10, small 8, full 46'],
    [
      'is tried later each time that it does not hold',
      [[fine, 10], [lossy, 2], [fine, 4], [lossy, 2], [fine, 8], [lossy, 2], [fine, 20]],
      'full 22, small 8, full 4, small 16, full 4, small 32, full 10',
    ],
    ['does not wait for a browser that tells no bitrate', [[{ ...fine, availableKbps: null }, 5]], 'full 10'],
    ['is sent smaller through a narrow path', [[{ ...fine, availableKbps: 150 }, 3]], 'full 2, small 4'],
    ['is sent smaller when answers take seconds', [[{ ...fine, roundTripMs: 2_000 }, 3]], 'full 2, small 4'],
  ])('%s', (_, path, expected) => {
    expect(levels(path)).toBe(expected);
  });
});

describe('planPicture', () => {
  it('is smaller the more people it is sent to', () => {
    const heights = [1, 2, 3, 4, 5, 6, 7].map((others) => planPicture('full', others).heightMax);
    expect(heights).toEqual([720, 480, 360, 360, 240, 180, 180]);
    const frames = [1, 2, 3, 4, 5, 6, 7].map((others) => planPicture('full', others).framesMax);
    expect(frames).toEqual([30, 30, 20, 15, 10, 10, 10]);
  });

  it('shares one household line among seven', () => {
    const total = planPicture('full', 7).bitrateMax * 7;
    expect(total).toBeLessThanOrEqual(1_800_000);
  });

  it('is never larger when it is to be small, and inactive when paused', () => {
    for (const others of [0, 1, 5, 7]) {
      expect(planPicture('small', others).bitrateMax).toBeLessThan(planPicture('full', others).bitrateMax);
      expect(planPicture('small', others).framesMax).toBeLessThanOrEqual(planPicture('full', others).framesMax);
      expect(planPicture('paused', others).isActive).toBe(false);
    }
  });
});
