/** Every reason not to be let in, as facts, with the moment at which it can change. Pure; whoever shows it finds the words. */

import { type ErrorCode, type HoldspaceError, NETWORK_UNREACHABLE, readCode } from './error.js';
import type { CanJoin } from './wire.js';

export type RefusalCode = ErrorCode;

export interface Refusal {
  code: RefusalCode;
  /** When it is asked again without being told to, by the server's clock; null when only a person can change it. */
  recheckAt: Date | null;
  /** From when and until when the session can be joined; null where the server did not say. */
  from: Date | null;
  until: Date | null;
  /** How long the server asked to wait; null where it did not. */
  retryAfterSeconds: number | null;
  /** The server's own words, in English: for a log, or where `code` is `UNKNOWN`. */
  message: string;
}

/** What the platform may change at any moment is looked at this often: 2 of 10 requests a minute. */
const POLL_SECONDS = 30;
/** Asking right at the edge of a window could come a moment too early. */
const AFTER_EDGE_MS = 250;
/** What passes by itself, such as a server that cannot be reached, is tried again this soon. */
const PASSING_MS = 5_000;

/** Nothing but a person, or nothing at all, can change these. */
const LASTING: ReadonlySet<RefusalCode> = new Set([
  'TOO_EARLY',
  'WINDOW_CLOSED',
  'PAYMENT_REFUNDED',
  'SESSION_CANCELLED',
  'SESSION_DECLINED',
  'SESSION_COMPLETED',
]);

/** Why `answer` shuts the door, or null when it does not. */
export function refusalOfAnswer(answer: CanJoin, now: Date): Refusal | null {
  if (answer.canJoin) {
    return null;
  }
  const code = readCode(answer.reason);
  return {
    code,
    recheckAt: nextLook(answer, !LASTING.has(code), now),
    from: dateOf(answer.timeWindow.allowedFrom),
    until: dateOf(answer.timeWindow.allowedUntil),
    retryAfterSeconds: null,
    message: `The server gave ${answer.reason} as the reason.`,
  };
}

/** Why `error` shuts the door. A refusal by the state of the session reads like can-join's. */
export function refusalOfError(error: HoldspaceError, now: Date): Refusal {
  const reason = error.details['reason'];
  return {
    code: typeof reason === 'string' ? readCode(reason) : error.code,
    recheckAt: recheckOf(error, now),
    from: null,
    until: null,
    retryAfterSeconds: error.retryAfterSeconds,
    message: error.message,
  };
}

function nextLook(answer: CanJoin, isPolled: boolean, now: Date): Date | null {
  const edges = answer.recheckAt ? [Date.parse(answer.recheckAt) + AFTER_EDGE_MS] : [];
  if (!answer.recheckAt && answer.reason === 'TOO_EARLY') {
    edges.push(Date.parse(answer.timeWindow.allowedFrom) + AFTER_EDGE_MS);
  }
  if (isPolled) {
    edges.push(now.getTime() + POLL_SECONDS * 1000);
  }
  const known = edges.filter(Number.isFinite);
  return known.length > 0 ? new Date(Math.max(Math.min(...known), now.getTime() + 1000)) : null;
}

function recheckOf(error: HoldspaceError, now: Date): Date | null {
  if (error.retryAfterSeconds !== null) {
    return new Date(now.getTime() + error.retryAfterSeconds * 1000);
  }
  const isPassing = error.code === NETWORK_UNREACHABLE || error.status >= 500;
  return isPassing ? new Date(now.getTime() + PASSING_MS) : null;
}

function dateOf(time: string): Date | null {
  const date = new Date(time);
  return Number.isFinite(date.getTime()) ? date : null;
}
