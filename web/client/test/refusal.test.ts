import { describe, expect, it } from 'vitest';
import { HoldspaceError, NETWORK_UNREACHABLE } from '../src/error.js';
import { explainAnswer, explainError } from '../src/refusal.js';
import type { CanJoin } from '../src/wire.js';

const place = { locale: 'en-GB', timeZone: 'UTC' };
const now = new Date('2025-12-15T13:30:00.000Z');

const answer = (change: Partial<CanJoin>): CanJoin => ({
  canJoin: false,
  reason: null,
  minutesUntilSession: 30,
  sessionStatus: 'confirmed',
  paymentStatus: 'completed',
  timeWindow: { allowedFrom: '2025-12-15T13:45:00.000Z', allowedUntil: '2025-12-15T16:00:00.000Z' },
  recheckAt: null,
  ...change,
});

const secondsToRecheck = (at: Date | null | undefined) => (at ? (at.getTime() - now.getTime()) / 1000 : null);

describe('explainAnswer', () => {
  it('has nothing to say when the door is open', () => {
    expect(explainAnswer(answer({ canJoin: true }), now, place)).toBeNull();
  });

  it.each([
    ['TOO_EARLY', 'The door opens at 13:45.', 900.25],
    ['WINDOW_CLOSED', 'until 16:00', null],
    ['PAYMENT_PENDING', 'until 16:00', 30],
    ['PAYMENT_FAILED', 'until 16:00', 30],
    ['PAYMENT_REFUNDED', 'given back', null],
    ['SESSION_NOT_CONFIRMED', 'until 16:00', 30],
    ['SESSION_CANCELLED', 'does not take place', null],
    ['SESSION_DECLINED', 'does not take place', null],
    ['SESSION_COMPLETED', 'cannot be joined again', null],
  ])('says %s in words: %s', (reason, words, recheckSeconds) => {
    const refusal = explainAnswer(answer({ reason }), now, place);
    expect(refusal?.code).toBe(reason);
    expect(refusal?.text).toContain(words);
    expect(secondsToRecheck(refusal?.recheckAt)).toBe(recheckSeconds);
  });

  it("looks again at the server's moment, or sooner where the platform may change its mind", () => {
    const early = answer({ reason: 'TOO_EARLY', recheckAt: '2025-12-15T13:45:00.000Z' });
    expect(secondsToRecheck(explainAnswer(early, now, place)?.recheckAt)).toBe(900.25);
    const unpaid = answer({ reason: 'PAYMENT_PENDING', recheckAt: '2025-12-15T16:00:00.000Z' });
    expect(secondsToRecheck(explainAnswer(unpaid, now, place)?.recheckAt)).toBe(30);
  });

  it('never asks in a tight circle when the clocks disagree', () => {
    const past = answer({ reason: 'TOO_EARLY', recheckAt: '2025-12-15T13:00:00.000Z' });
    expect(secondsToRecheck(explainAnswer(past, now, place)?.recheckAt)).toBe(1);
  });

  it('names the day when it is another one', () => {
    const window = { allowedFrom: '2025-12-17T13:45:00.000Z', allowedUntil: '2025-12-17T16:00:00.000Z' };
    const refusal = explainAnswer(answer({ reason: 'TOO_EARLY', timeWindow: window }), now, place);
    expect(refusal?.text).toContain('The door opens on Wednesday 17 December, 13:45.');
  });

  it('does not hide a reason that it does not know', () => {
    expect(explainAnswer(answer({ reason: 'MOON_IS_FULL' }), now, place)?.text).toContain('MOON_IS_FULL');
  });
});

describe('explainError', () => {
  const error = (code: string, status = 401, details = {}, retryAfter: number | null = null) =>
    new HoldspaceError(code, `words of ${code}`, details, status, retryAfter);

  it.each(['AUTHENTICATION_FAILED', 'PERMISSION_DENIED', 'SESSION_NOT_FOUND', 'INVALID_SESSION_ID', 'ROOM_NOT_FOUND', 'ROOM_FULL', 'CONNECTION_TIMEOUT'])(
    'has words for %s, which only a person can change',
    (code) => {
      const refusal = explainError(error(code), now);
      expect(refusal).toMatchObject({ code, recheckAt: null });
      expect(refusal.text).not.toContain('words of');
    },
  );

  it('counts down to the end of a limit', () => {
    const refusal = explainError(error('RATE_LIMIT_EXCEEDED', 429, {}, 12), now);
    expect(secondsToRecheck(refusal.recheckAt)).toBe(12);
  });

  it.each([
    [NETWORK_UNREACHABLE, 0],
    ['SERVICE_UNAVAILABLE', 503],
  ])('keeps trying after %s', (code, status) => {
    expect(secondsToRecheck(explainError(error(code, status), now).recheckAt)).toBe(5);
  });

  it("reads the reason of a socket's INVALID_SESSION like can-join's", () => {
    const refusal = explainError(error('INVALID_SESSION', 0, { reason: 'SESSION_CANCELLED' }), now);
    expect(refusal).toMatchObject({ code: 'SESSION_CANCELLED', title: 'This visit was cancelled' });
  });

  it("passes on the server's words for what it does not know", () => {
    expect(explainError(error('NEW_CODE', 400), now).text).toContain('words of NEW_CODE');
  });
});
