/** Decides whether and when a failed request is worth repeating. Pure: time and chance are arguments. */

import { type HoldspaceError, NETWORK_UNREACHABLE } from './error.js';

export const ATTEMPTS_MAX = 4;
const BACKOFF_FIRST_MS = 500;
const RETRY_AFTER_MAX_SECONDS = 120;

/**
 * How long to wait before attempt `attempt + 1` (the first attempt is 1), or null when the answer is final.
 * `chance` is in [0, 1) and spreads those who failed together.
 */
export function retryDelayMs(error: HoldspaceError, attempt: number, chance: number): number | null {
  if (attempt >= ATTEMPTS_MAX || !isPassing(error)) {
    return null;
  }
  if (error.retryAfterSeconds !== null) {
    return error.retryAfterSeconds > RETRY_AFTER_MAX_SECONDS ? null : error.retryAfterSeconds * 1000 + chance * 250;
  }
  return BACKOFF_FIRST_MS * 2 ** (attempt - 1) * (0.75 + chance / 2);
}

function isPassing(error: HoldspaceError): boolean {
  return (
    error.code === NETWORK_UNREACHABLE ||
    error.code === 'RATE_LIMIT_EXCEEDED' ||
    error.code === 'IDEMPOTENCY_IN_FLIGHT' ||
    error.status >= 500
  );
}
