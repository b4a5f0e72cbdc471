import { describe, expect, it } from 'vitest';
import { type ErrorCode, HoldspaceError, NETWORK_UNREACHABLE } from '../src/error.js';
import { ATTEMPTS_MAX, retryDelayMs } from '../src/retry.js';

const error = (code: ErrorCode, status: number, retryAfter: number | null = null) => new HoldspaceError(code, code, {}, status, retryAfter);

describe('retryDelayMs', () => {
  it.each([
    ['a limit says when', error('RATE_LIMIT_EXCEEDED', 429, 12), 12_000],
    ['the same request is still being answered', error('IDEMPOTENCY_IN_FLIGHT', 409, 1), 1_000],
    ['the store is away', error('SERVICE_UNAVAILABLE', 503), 375],
    ['there was no answer', error(NETWORK_UNREACHABLE, 0), 375],
  ])('repeats when %s', (_, failure, delayMs) => {
    expect(retryDelayMs(failure, 1, 0)).toBe(delayMs);
  });

  it.each([
    ['a refusal', error('PERMISSION_DENIED', 401)],
    ['a wrong request', error('INVALID_REQUEST', 400)],
    ['a limit that lasts too long', error('RATE_LIMIT_EXCEEDED', 429, 3600)],
  ])('takes %s for an answer', (_, failure) => {
    expect(retryDelayMs(failure, 1, 0)).toBeNull();
  });

  it('backs off and gives up', () => {
    const failure = error(NETWORK_UNREACHABLE, 0);
    expect([1, 2, 3].map((attempt) => retryDelayMs(failure, attempt, 0.5))).toEqual([500, 1000, 2000]);
    expect(retryDelayMs(failure, ATTEMPTS_MAX, 0.5)).toBeNull();
  });
});
