/** The one error that the client throws: what the server answered, or why there was no answer. */

import type { ErrorBody } from './wire.js';

/** Why the state of a session lets nobody in, in the order in which the server finds them. */
export const SESSION_REASONS = [
  'SESSION_CANCELLED',
  'SESSION_DECLINED',
  'SESSION_COMPLETED',
  'SESSION_NOT_CONFIRMED',
  'PAYMENT_PENDING',
  'PAYMENT_FAILED',
  'PAYMENT_REFUNDED',
  'TOO_EARLY',
  'WINDOW_CLOSED',
] as const;

export type SessionReason = (typeof SESSION_REASONS)[number];

/** All that the server says over REST and Socket.IO. */
export const SERVER_CODES = [
  'ALREADY_EXISTS',
  'AUTHENTICATION_FAILED',
  'CALL_ALREADY_ENDED',
  'CALL_ALREADY_STARTED',
  'CALL_NOT_STARTED',
  'CONNECTION_TIMEOUT',
  'IDEMPOTENCY_IN_FLIGHT',
  'IDEMPOTENCY_KEY_REUSED',
  'INTERNAL_ERROR',
  'INVALID_PAYLOAD',
  'INVALID_REQUEST',
  'INVALID_SESSION',
  'INVALID_SESSION_ID',
  'INVALID_TIME',
  'INVALID_TRANSITION',
  'INVALID_USER_ID',
  'METHOD_NOT_ALLOWED',
  'NOT_FOUND',
  'PAYLOAD_TOO_LARGE',
  'PERMISSION_DENIED',
  'RATE_LIMIT_EXCEEDED',
  'ROOM_FULL',
  'ROOM_NOT_FOUND',
  'SERVICE_UNAVAILABLE',
  'SESSION_NOT_FOUND',
  'UNSUPPORTED_MEDIA_TYPE',
  'USER_NOT_FOUND',
  ...SESSION_REASONS,
] as const;

/** What the client itself finds: no answer at all, an answer that is none of this API, a code that is newer than it. */
const OWN_CODES = ['NETWORK_UNREACHABLE', 'UNREADABLE_REPLY', 'UNKNOWN'] as const;

/** Stable, for programs. */
export type ErrorCode = (typeof SERVER_CODES)[number] | (typeof OWN_CODES)[number];

/** There was no answer at all. */
export const NETWORK_UNREACHABLE = 'NETWORK_UNREACHABLE' satisfies ErrorCode;
/** There was an answer, but not one of this API. */
export const UNREADABLE_REPLY = 'UNREADABLE_REPLY' satisfies ErrorCode;

const KNOWN: ReadonlySet<string> = new Set([...SERVER_CODES, ...OWN_CODES]);

/** The code by the name that came over the wire; `UNKNOWN` for one that is newer than this client. */
export function readCode(name: unknown): ErrorCode {
  return typeof name === 'string' && KNOWN.has(name) ? (name as ErrorCode) : 'UNKNOWN';
}

export class HoldspaceError extends Error {
  override readonly name = 'HoldspaceError';

  constructor(
    readonly code: ErrorCode,
    /** For whoever looks for the cause: English, and not for the people in the visit. */
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    /** HTTP status, 0 where there was none. */
    readonly status: number = 0,
    /** When it is worth asking again. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }

  /** An error as the server writes it: in an answer, an acknowledgement, an `error` event or a refused connection. */
  static fromBody(body: ErrorBody, status = 0, retryAfterSeconds: number | null = null): HoldspaceError {
    const code = readCode(body.code);
    const details = body.details ?? {};
    const seconds = details['retryAfter'];
    const message = code === 'UNKNOWN' ? `${body.code}: ${body.message}` : String(body.message ?? code);
    return new HoldspaceError(code, message, details, status, retryAfterSeconds ?? (typeof seconds === 'number' ? seconds : null));
  }

  static from(cause: unknown): HoldspaceError {
    return cause instanceof HoldspaceError ? cause : new HoldspaceError(NETWORK_UNREACHABLE, String(cause));
  }
}
