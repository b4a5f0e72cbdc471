import type { Companion } from '@holdspace/client';
import { describe, expect, it } from 'vitest';
import { sayMissing } from '../src/devices.js';
import { sayCaption, sayChanges, sayOutcome, sayTile, sayTrouble } from '../src/words.js';

const place = { locale: 'en-GB', timeZone: 'UTC' };
const ann: Companion = { userId: 'ann', socketId: '1', name: 'Ann', role: 'client', isReconnecting: false, connection: 'connected', switches: null };
const ben: Companion = { ...ann, userId: 'ben', name: 'Ben' };
const hold = { code: 'RATE_LIMIT_EXCEEDED', title: 'Too many tries', text: 'A short break.', recheckAt: null };

describe('sayChanges', () => {
  it('tells who came and who went', () => {
    expect(sayChanges([ann], [ben])).toEqual(['Ben has joined.', 'Ann has left.']);
    expect(sayChanges([ann], [{ ...ann, connection: 'failed' }])).toEqual([]);
  });
});

describe('sayTrouble', () => {
  const inCall = { name: 'in-call' } as const;

  it.each([
    ['nothing', inCall, [ann], null, ''],
    ['the own way to the server', { name: 'recovering', hold: null } as const, [ann], null, 'The connection to the server is lost. Reconnecting…'],
    ['why that takes a while', { name: 'recovering', hold } as const, [ann], null, 'Too many tries. A short break.'],
    ["the other's way to the server", inCall, [{ ...ann, isReconnecting: true }], hold, 'Ann is reconnecting…'],
    ['the way of the media', inCall, [ann, { ...ben, connection: 'failed' as const }], null, 'The connection to Ben is interrupted. Repairing it…'],
    ['what passes', inCall, [ann], hold, 'Too many tries. A short break.'],
  ])('says %s', (_, state, roster, passing, words) => {
    expect(sayTrouble(state, roster, passing)).toBe(words);
  });
});

describe('sayTile and sayCaption', () => {
  it.each([
    [ann, true, ''],
    [ann, false, 'Connecting…'],
    [{ ...ann, isReconnecting: true }, true, 'Reconnecting…'],
    [{ ...ann, switches: { microphone: true, camera: false } }, true, 'Camera is off'],
  ])('says what is over a picture', (companion, hasPicture, words) => {
    expect(sayTile(companion, hasPicture)).toBe(words);
  });

  it('tells that somebody is silent', () => {
    expect(sayCaption({ ...ann, switches: { microphone: false, camera: true } })).toBe('Ann (microphone off)');
  });
});

describe('sayOutcome', () => {
  const times = { startedAt: new Date('2025-12-15T14:00:00Z'), endedAt: new Date('2025-12-15T14:45:00Z'), minutes: 45 };

  it('tells what was recorded', () => {
    expect(sayOutcome('completed', times, place)).toMatchObject({ title: 'The visit has ended', record: 'Recorded: 14:00 to 14:45, 45 minutes', canRejoin: false });
  });

  it('offers the way back after a hang-up, and records nothing', () => {
    expect(sayOutcome('left', times, place)).toMatchObject({ title: 'You hung up', record: '', canRejoin: true });
  });
});

describe('sayMissing', () => {
  it.each([
    [null, null, ''],
    [null, 'NotAllowedError', 'does not allow this page to use the camera. You can join without a camera.'],
    ['NotFoundError', null, 'No microphone was found. You can join without a microphone.'],
    ['NotFoundError', 'NotFoundError', 'No microphone and camera was found. You can join and see and hear the other.'],
    [null, 'NotReadableError', 'The camera is in use by another program.'],
    ['InsecureOrigin', 'InsecureOrigin', 'only on secure (https) addresses'],
  ])('says what microphone %s and camera %s mean', (microphone, camera, words) => {
    expect(sayMissing(microphone, camera)).toContain(words);
  });
});
