import { describe, expect, it } from 'vitest';
import { levelOf } from '../src/level.js';

describe('levelOf', () => {
  it.each([
    [0, 0],
    [0.1, 0.5],
    [-0.1, 0.5],
    [1, 1],
  ])('of a constant %s is %s', (amplitude, level) => {
    expect(levelOf(new Float32Array(64).fill(amplitude))).toBeCloseTo(level, 5);
  });

  it('is none of nothing', () => {
    expect(levelOf(new Float32Array(0))).toBe(0);
  });
});
