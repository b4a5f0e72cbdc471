// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import { keepPlace, takePlace } from '../src/place.js';

const SESSION = '507f1f77bcf86cd799439011';
const KEY = `holdspace:place:${SESSION}`;
const place = { userId: 'john', resumeToken: 'resume', microphone: false, camera: true };
const now = 1_000_000;

describe('the place that an element keeps', () => {
  beforeEach(() => sessionStorage.clear());

  it('is taken once', () => {
    keepPlace(sessionStorage, SESSION, place, now);
    expect(takePlace(sessionStorage, SESSION, 'john', now + 3_000)).toEqual(place);
    expect(takePlace(sessionStorage, SESSION, 'john', now + 3_000)).toBeNull();
    expect(sessionStorage.length).toBe(0);
  });

  it.each([
    ['somebody else', 'jane', now + 1],
    ['nobody', null, now + 1],
    ['who comes back late', 'john', now + 60_001],
    ['a clock that went back', 'john', now - 1],
  ])('is not for %s, and gone all the same', (_, userId, atMs) => {
    keepPlace(sessionStorage, SESSION, place, now);
    expect(takePlace(sessionStorage, SESSION, userId, atMs)).toBeNull();
    expect(sessionStorage.length).toBe(0);
  });

  it.each(['', 'null', '{}', '[]', '{"userId":"john"}'])('is not taken from %j', (text) => {
    sessionStorage.setItem(KEY, text);
    expect(takePlace(sessionStorage, SESSION, 'john', now)).toBeNull();
  });
});
