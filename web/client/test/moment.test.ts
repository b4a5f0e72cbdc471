import { describe, expect, it } from 'vitest';
import { sayElapsed, sayMinutes, sayMoment, sayPeriod, sayWait, sayWhen } from '../src/moment.js';

const place = { locale: 'en-GB', timeZone: 'UTC' };
const now = new Date('2025-12-15T09:00:00Z');

describe('moments in words', () => {
  it('leaves out the day when it is today', () => {
    expect(sayMoment(new Date('2025-12-15T14:00:00Z'), now, place)).toBe('14:00');
    expect(sayMoment(new Date('2025-12-16T14:00:00Z'), now, place)).toBe('Tuesday 16 December, 14:00');
  });

  it.each([
    ['2025-12-15T14:00:00Z', 'at 14:00'],
    ['2025-12-16T14:00:00Z', 'on Tuesday 16 December, 14:00'],
  ])('says when %s is', (moment, words) => {
    expect(sayWhen(new Date(moment), now, place)).toBe(words);
  });

  it('says when a visit is', () => {
    expect(sayPeriod(new Date('2025-12-15T14:00:00Z'), 50, now, place)).toBe('Today, 14:00 to 14:50');
    expect(sayPeriod(new Date('2025-12-16T23:30:00Z'), 50, now, place)).toBe('Tuesday 16 December, 23:30 to Wednesday 17 December, 0:20');
  });

  it.each([
    [-5, '0:00'],
    [65_999, '1:05'],
    [3_723_000, '1:02:03'],
  ])('counts %d ms as %s', (milliseconds, words) => {
    expect(sayElapsed(milliseconds)).toBe(words);
  });

  it.each([
    [0, 'less than a minute'],
    [1, '1 minute'],
    [45, '45 minutes'],
  ])('says a duration of %d as %s', (minutes, words) => {
    expect(sayMinutes(minutes)).toBe(words);
  });

  it.each([
    [-1, '1 second'],
    [11_200, '12 seconds'],
    [600_000, '10 minutes'],
    [3 * 3_600_000, '3 hours'],
  ])('says a wait of %d ms as %s', (milliseconds, words) => {
    expect(sayWait(milliseconds)).toBe(words);
  });
});
