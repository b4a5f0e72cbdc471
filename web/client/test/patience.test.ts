import { describe, expect, it } from 'vitest';
import { Patience, reconnectDelayMs } from '../src/signaling/patience.js';

describe('the time that a try to connect is given', () => {
  it.each([
    ['nothing is known', null, 1, 10_000],
    ['it was quick before', 50, 1, 2_000],
    ['it was slow before', 900, 2, 3_600],
    ['it took for ever before', 8_000, 1, 10_000],
    ['every fourth try', 50, 4, 5_000],
  ])('when %s', (_, usualMs, attempt, expected) => {
    const patience = new Patience();
    if (usualMs !== null) {
      patience.learnConnect(usualMs);
    }
    expect(patience.connectMs(attempt)).toBe(expected);
  });
});

describe('the time until there is a connection at all', () => {
  it.each([
    ['nothing is known', null, [10_000, 10_000, 10_000, 10_000]],
    ['it was quick before', 50, [500, 1_000, 2_000, 4_000]],
    ['it was slow before', 900, [3_600, 3_600, 3_600, 5_000]],
  ])('when %s', (_, usualMs, expected) => {
    const patience = new Patience();
    if (usualMs !== null) {
      patience.learnConnect(usualMs);
    }
    expect([1, 2, 3, 4].map((attempt) => patience.openMs(attempt))).toEqual(expected);
  });
});

describe('the time that an answer is given', () => {
  it('follows the last one, within bounds', () => {
    const patience = new Patience();
    const waits = [20, 500, 5_000].map((milliseconds) => {
      patience.learnAnswer(milliseconds);
      return patience.answerMs;
    });
    expect([new Patience().answerMs, ...waits]).toEqual([3_000, 1_000, 2_000, 3_000]);
  });
});

describe('reconnectDelayMs', () => {
  it.each([
    [0, 0.5, 100],
    [1, 0.5, 200],
    [4, 0.5, 1_000],
    [4, 0, 500],
    [40, 0.5, 1_000],
    [41, 0.5, 5_000],
  ])('after %s tries', (tries, chance, expected) => {
    expect(reconnectDelayMs(tries, chance)).toBe(expected);
  });
});
