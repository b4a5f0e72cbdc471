import type { CallTimes, Companion, DevicesState, Refusal, VisitState } from '@holdspace/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENGLISH, type Language, LANGUAGES, type LanguageCode, loadLanguage } from '../src/language.js';
import { sayDevice, sayProblems } from '../src/say/devices.js';
import { sayOutcome } from '../src/say/outcome.js';
import { initialsOf, sayCaption, sayChanges, sayHeading, sayNames, sayTile } from '../src/say/people.js';
import { sayCountdown, sayRefusal } from '../src/say/refusal.js';
import { sayBooked, sayClock, sayMinutes, sayWait } from '../src/say/time.js';
import { findTrouble } from '../src/say/trouble.js';

const english: Language = { ...ENGLISH, locale: 'en-GB', timeZone: 'UTC' };
const now = new Date('2025-12-15T13:30:00Z');
const all: Partial<Record<LanguageCode, Language>> = {};
const inLanguage = (code: LanguageCode) => all[code] ?? english;

beforeAll(async () => {
  for (const code of LANGUAGES) {
    all[code] = { ...(await loadLanguage({ code, locale: code })), timeZone: 'UTC' };
  }
});

const ann: Companion = {
  userId: 'ann',
  socketId: '1',
  name: 'Ann',
  role: 'client',
  isReconnecting: false,
  connection: 'connected',
  switches: { microphone: true, camera: true, screen: false },
  camera: null,
  screen: null,
  quality: null,
  safetyCode: null,
  isSafe: null,
  isRepairing: false,
  isCameraPaused: false,
};
const ben: Companion = { ...ann, userId: 'ben', name: 'Ben' };
const refusal = (facts: Partial<Refusal>): Refusal => ({ code: 'TOO_EARLY', recheckAt: null, from: null, until: null, retryAfterSeconds: null, message: '', ...facts });

describe('times', () => {
  it('are said in the way of the language', () => {
    const start = new Date('2025-12-15T14:00:00Z');
    expect(sayBooked(start, 50, now, english)).toBe('Today, 14:00–14:50');
    expect(sayBooked(new Date('2025-12-18T14:00:00Z'), 50, now, english)).toBe('Thursday 18 December, 14:00–14:50');
    expect(sayBooked(start, 50, now, inLanguage('de'))).toBe('Heute, 14:00–14:50 Uhr');
  });

  it.each([
    [400, '0:01'],
    [4_000, '0:04'],
    [252_000, '4:12'],
    [3_723_000, '1:02:03'],
    [3 * 86_400_000, '3 days'],
  ])('%d ms are waited as %s', (milliseconds, words) => {
    expect(sayWait(milliseconds, english)).toBe(words);
  });

  it('count in the digits of the language', () => {
    expect(sayClock(65_000, { ...inLanguage('ar'), locale: 'ar-EG' })).toBe('١:٠٥');
  });

  it.each<[LanguageCode, number, string]>([
    ['en', 0, 'less than a minute'],
    ['en', 1, '1 minute'],
    ['de', 45, '45 Minuten'],
    ['fr', 2, '2 minutes'],
    ['es', 1, '1 minuto'],
    ['ar', 3, '3 دقائق'],
    ['ar', 11, '11 دقيقة'],
  ])('in %s, %d minutes have their plural', (code, minutes, words) => {
    expect(sayMinutes(minutes, inLanguage(code))).toBe(words);
  });
});

describe('refusals', () => {
  it('say when the door opens', () => {
    expect(sayRefusal(refusal({ from: new Date('2025-12-15T13:45:00Z') }), now, english).text).toMatch(/^The door opens at 13:45\./);
    expect(sayRefusal(refusal({ from: new Date('2025-12-18T13:45:00Z') }), now, english).text).toMatch(/^The door opens on Thursday 18 December at 13:45\./);
    expect(sayRefusal(refusal({}), now, english).text).toMatch(/^The door opens at its time\./);
  });

  it('know codes that mean the same, and own up to those they do not know', () => {
    expect(sayRefusal(refusal({ code: 'INVALID_SESSION_ID' }), now, english).title).toBe('There is no such visit');
    expect(sayRefusal(refusal({ code: 'INVALID_TRANSITION' }), now, english).text).toContain('INVALID_TRANSITION');
  });

  it('count down where time changes something', () => {
    const recheckAt = new Date(now.getTime() + 252_000);
    expect(sayCountdown(refusal({ recheckAt }), now, english)).toBe('The door opens in 4:12');
    expect(sayCountdown(refusal({ code: 'PAYMENT_PENDING', recheckAt }), now, english)).toBe('Looking again in 4:12');
    expect(sayCountdown(refusal({}), now, english)).toBe('');
  });
});

describe('trouble', () => {
  const inCall: VisitState = { name: 'in-call' };
  const held = refusal({ code: 'RATE_LIMIT_EXCEEDED' });

  it.each<[string, VisitState, Companion[], Refusal | null, string | null]>([
    ['nothing', inCall, [ann], null, null],
    ['the own way to the server', { name: 'recovering', hold: null }, [], null, 'The connection to the server is lost. Reconnecting…'],
    ['that the media goes on', { name: 'recovering', hold: null }, [ann], null, 'The connection to the server is lost. Reconnecting… You can still see and hear each other.'],
    ['not that it does when it is broken too', { name: 'recovering', hold: null }, [{ ...ann, isRepairing: true }], null, 'The connection to the server is lost. Reconnecting…'],
    ['why that takes a while', { name: 'recovering', hold: held }, [], null, 'Too many tries. The server asks for a short break. This page goes on by itself.'],
    ["the other's way to the server", inCall, [{ ...ann, isReconnecting: true }], held, 'Ann is reconnecting…'],
    ['the way of the media', inCall, [ann, { ...ben, isRepairing: true }], null, 'The connection to Ben is interrupted. Repairing it…'],
    ['what passes', inCall, [ann], held, 'Too many tries. The server asks for a short break. This page goes on by itself.'],
    ['before all, who sits in between', { name: 'recovering', hold: null }, [{ ...ann, isSafe: false }], null, english.words.trouble.unsafe('Ann')],
  ])('says %s', (_, state, roster, passing, words) => {
    expect(findTrouble(state, roster, passing, now, english)?.text ?? null).toBe(words);
  });
});

describe('people', () => {
  it('are listed in the way of the language', () => {
    expect(sayNames(['Ann', 'Ben', 'Cleo'], english)).toBe('Ann, Ben and Cleo');
    expect(sayNames(['Ann', 'Ben'], inLanguage('fr'), 'disjunction')).toBe('Ann ou Ben');
    expect(sayHeading(null, null, english)).toBe('Your visit');
  });

  it('come, go and share', () => {
    const screen = {} as MediaStream;
    expect(sayChanges([ann], [ben], english)).toEqual(['Ben has joined.', 'Ann has left.']);
    expect(sayChanges([ann], [{ ...ann, connection: 'failed' }], english)).toEqual([]);
    expect(sayChanges([ann], [{ ...ann, screen }], english)).toEqual(['Ann shares a screen.']);
  });

  it.each<[Companion, boolean, string]>([
    [ann, true, ''],
    [ann, false, 'Connecting…'],
    [{ ...ann, isReconnecting: true }, true, 'Reconnecting…'],
    [{ ...ann, switches: { microphone: true, camera: false, screen: false } }, true, 'Camera is off'],
  ])('have words over their picture', (companion, hasPicture, words) => {
    expect(sayTile(companion, hasPicture, english)).toBe(words);
  });

  it('are told to be silent', () => {
    expect(sayCaption({ ...ann, switches: { microphone: false, camera: true, screen: false } }, english)).toBe('Ann (microphone off)');
  });

  it.each([
    ['Dr. Jane Smith', 'JS'],
    ['Zoë', 'Z'],
    ['محمد علي', 'مع'],
    ['', ''],
  ])('%s is %s where there is no picture', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

describe('outcome', () => {
  const times: CallTimes = { startedAt: new Date('2025-12-15T14:00:00Z'), endedAt: new Date('2025-12-15T14:45:00Z'), minutes: 45 };

  it('tells what was recorded', () => {
    expect(sayOutcome('completed', times, english)).toMatchObject({ title: 'The visit has ended', record: 'Recorded: 14:00–14:45, 45 minutes', canRejoin: false });
  });

  it('offers the way back after a hang-up, and records nothing', () => {
    expect(sayOutcome('left', times, english)).toMatchObject({ title: 'You hung up', record: '', canRejoin: true });
  });
});

describe('devices', () => {
  const device = (status: DevicesState['camera']['status']) => ({ isOn: false, status, deviceId: null, list: [], track: null });
  const state = (microphone: DevicesState['camera']['status'], camera: DevicesState['camera']['status']): DevicesState => ({
    microphone: device(microphone),
    camera: device(camera),
    loudspeaker: { deviceId: null, list: [], canChoose: false },
  });

  it.each<[DevicesState, string[]]>([
    [state('live', 'closed'), []],
    [state('denied', 'denied'), [english.words.devices.problems.both.denied]],
    [state('missing', 'busy'), [english.words.devices.problems.microphone.missing, english.words.devices.problems.camera.busy]],
    [state('insecure', 'insecure'), [english.words.devices.insecure]],
  ])('have their problems said', (devices, words) => {
    expect(sayProblems(devices, english)).toEqual(words);
  });

  it('are called by their names, without the numbers behind them', () => {
    expect(sayDevice({ deviceId: 'x', label: 'HD Webcam (046d:0825)' }, 0, english)).toBe('HD Webcam');
    expect(sayDevice({ deviceId: 'x', label: '' }, 1, english)).toBe('Device 2');
  });
});
