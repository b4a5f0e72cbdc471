import { describe, expect, it } from 'vitest';
import { withFrames } from '../src/peer/camera-rate.js';

const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, deviceId: { ideal: 'front' }, frameRate: { ideal: 30, max: 30 } };

describe('withFrames', () => {
  it('asks for no more than the limit, and for all else as before', () => {
    expect(withFrames(PICTURE, 12)).toEqual({ ...PICTURE, frameRate: { ideal: 12, max: 12 } });
  });

  it('gives back what was asked for', () => {
    expect(withFrames(PICTURE, 30)).toEqual(PICTURE);
    expect(withFrames({}, 30)).toEqual({});
  });

  it.each<[string, ConstrainDouble | undefined, ConstrainDoubleRange]>([
    ['a wish below the limit', { ideal: 8 }, { ideal: 8, max: 12 }],
    ['a plain number', 30, { ideal: 12, max: 12 }],
    ['none at all', undefined, { ideal: 12, max: 12 }],
  ])('holds for %s', (_, frameRate, expected) => {
    expect(withFrames(frameRate === undefined ? {} : { frameRate }, 12).frameRate).toEqual(expected);
  });
});
