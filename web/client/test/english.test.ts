import { describe, expect, it } from 'vitest';
import { sayDevice, sayRefusal } from '../src/english.js';
import type { Refusal, RefusalCode } from '../src/refusal.js';

const place = { locale: 'en-GB', timeZone: 'UTC' };
const now = new Date('2025-12-15T13:30:00.000Z');

const refusal = (code: RefusalCode, change: Partial<Refusal> = {}): Refusal => ({
  code,
  recheckAt: null,
  from: new Date('2025-12-15T13:45:00.000Z'),
  until: new Date('2025-12-15T16:00:00.000Z'),
  retryAfterSeconds: null,
  message: `words of ${code}`,
  ...change,
});

const say = (code: RefusalCode, change?: Partial<Refusal>) => sayRefusal(refusal(code, change), now, place);

describe('sayRefusal', () => {
  it.each<[RefusalCode, string]>([
    ['TOO_EARLY', 'The door opens at 13:45.'],
    ['WINDOW_CLOSED', 'until 16:00'],
    ['PAYMENT_PENDING', 'until 16:00'],
    ['PAYMENT_FAILED', 'until 16:00'],
    ['PAYMENT_REFUNDED', 'given back'],
    ['SESSION_NOT_CONFIRMED', 'until 16:00'],
    ['SESSION_CANCELLED', 'does not take place'],
    ['SESSION_DECLINED', 'does not take place'],
    ['SESSION_COMPLETED', 'cannot be joined again'],
    ['AUTHENTICATION_FAILED', 'ask for a new one'],
    ['PERMISSION_DENIED', 'from your own invitation'],
    ['INVALID_SESSION_ID', 'copy it whole'],
    ['ROOM_FULL', 'As many people as are booked'],
    ['RATE_LIMIT_EXCEEDED', 'goes on by itself'],
    ['NETWORK_UNREACHABLE', 'keeps trying'],
  ])('says %s in words: %s', (code, words) => {
    expect(say(code).text).toContain(words);
  });

  it('names the day when it is another one, and does without times', () => {
    expect(say('TOO_EARLY', { from: new Date('2025-12-17T13:45:00Z') }).text).toContain('The door opens on Wednesday 17 December, 13:45.');
    expect(say('PAYMENT_PENDING', { until: null }).text).toContain('until its end');
  });

  it("passes on the server's words for what it does not know", () => {
    expect(say('UNKNOWN').text).toContain('words of UNKNOWN');
  });
});

describe('sayDevice', () => {
  it('says what is the matter, and nothing when nothing is', () => {
    expect(sayDevice('camera', 'busy')).toBe('The camera is in use by another program.');
    expect(sayDevice('microphone', 'live')).toBe('');
  });
});
