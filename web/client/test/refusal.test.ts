import { describe, expect, it } from 'vitest';
import { type ErrorCode, HoldspaceError, NETWORK_UNREACHABLE } from '../src/error.js';
import { refusalOfAnswer, refusalOfError } from '../src/refusal.js';
import type { CanJoin } from '../src/wire.js';

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

describe('refusalOfAnswer', () => {
  it('has nothing to say when the door is open', () => {
    expect(refusalOfAnswer(answer({ canJoin: true }), now)).toBeNull();
  });

  it.each([
    ['TOO_EARLY', 900.25],
    ['WINDOW_CLOSED', null],
    ['PAYMENT_PENDING', 30],
    ['PAYMENT_FAILED', 30],
    ['PAYMENT_REFUNDED', null],
    ['SESSION_NOT_CONFIRMED', 30],
    ['SESSION_CANCELLED', null],
    ['SESSION_DECLINED', null],
    ['SESSION_COMPLETED', null],
  ])('%s is looked at again in %s seconds', (reason, recheckSeconds) => {
    const refusal = refusalOfAnswer(answer({ reason }), now);
    expect(refusal).toMatchObject({ code: reason, from: new Date('2025-12-15T13:45:00Z'), until: new Date('2025-12-15T16:00:00Z') });
    expect(secondsToRecheck(refusal?.recheckAt)).toBe(recheckSeconds);
  });

  it("looks again at the server's moment, or sooner where the platform may change its mind", () => {
    const early = answer({ reason: 'TOO_EARLY', recheckAt: '2025-12-15T13:45:00.000Z' });
    expect(secondsToRecheck(refusalOfAnswer(early, now)?.recheckAt)).toBe(900.25);
    const unpaid = answer({ reason: 'PAYMENT_PENDING', recheckAt: '2025-12-15T16:00:00.000Z' });
    expect(secondsToRecheck(refusalOfAnswer(unpaid, now)?.recheckAt)).toBe(30);
  });

  it('never asks in a tight circle when the clocks disagree', () => {
    const past = answer({ reason: 'TOO_EARLY', recheckAt: '2025-12-15T13:00:00.000Z' });
    expect(secondsToRecheck(refusalOfAnswer(past, now)?.recheckAt)).toBe(1);
  });

  it('does not hide a reason that it does not know, and keeps looking', () => {
    const refusal = refusalOfAnswer(answer({ reason: 'MOON_IS_FULL' }), now);
    expect(refusal?.code).toBe('UNKNOWN');
    expect(refusal?.message).toContain('MOON_IS_FULL');
    expect(secondsToRecheck(refusal?.recheckAt)).toBe(30);
  });
});

describe('refusalOfError', () => {
  const error = (code: ErrorCode, status = 401, details = {}, retryAfter: number | null = null) =>
    new HoldspaceError(code, `words of ${code}`, details, status, retryAfter);

  it.each<ErrorCode>(['AUTHENTICATION_FAILED', 'PERMISSION_DENIED', 'SESSION_NOT_FOUND', 'INVALID_SESSION_ID', 'ROOM_NOT_FOUND', 'ROOM_FULL', 'CONNECTION_TIMEOUT'])(
    'only a person can change %s',
    (code) => {
      expect(refusalOfError(error(code), now)).toMatchObject({ code, recheckAt: null, retryAfterSeconds: null, message: `words of ${code}` });
    },
  );

  it('counts down to the end of a limit', () => {
    const refusal = refusalOfError(error('RATE_LIMIT_EXCEEDED', 429, {}, 12), now);
    expect(refusal.retryAfterSeconds).toBe(12);
    expect(secondsToRecheck(refusal.recheckAt)).toBe(12);
  });

  it.each<[ErrorCode, number]>([
    [NETWORK_UNREACHABLE, 0],
    ['SERVICE_UNAVAILABLE', 503],
  ])('keeps trying after %s', (code, status) => {
    expect(secondsToRecheck(refusalOfError(error(code, status), now).recheckAt)).toBe(5);
  });

  it("reads the reason of a socket's INVALID_SESSION like can-join's", () => {
    expect(refusalOfError(error('INVALID_SESSION', 0, { reason: 'SESSION_CANCELLED' }), now).code).toBe('SESSION_CANCELLED');
  });
});
