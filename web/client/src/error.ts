/** The one error that the client throws: what the server answered, or why there was no answer. */

import type { ErrorBody } from './wire.js';

/** There was no answer at all. */
export const NETWORK_UNREACHABLE = 'NETWORK_UNREACHABLE';
/** There was an answer, but not one of this API. */
export const UNREADABLE_REPLY = 'UNREADABLE_REPLY';

export class HoldspaceError extends Error {
  override readonly name = 'HoldspaceError';

  constructor(
    /** Stable, for programs: one of the server's codes or one of the two above. */
    readonly code: string,
    /** For a person. */
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    /** HTTP status, 0 where there was none. */
    readonly status: number = 0,
    /** When it is worth asking again. */
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }

  /** An error as Socket.IO carries it: in an acknowledgement, an `error` event or a refused connection. */
  static fromBody(body: ErrorBody): HoldspaceError {
    const details = body.details ?? {};
    const seconds = details['retryAfter'];
    return new HoldspaceError(body.code, body.message, details, 0, typeof seconds === 'number' ? seconds : null);
  }

  static from(cause: unknown): HoldspaceError {
    return cause instanceof HoldspaceError ? cause : new HoldspaceError(NETWORK_UNREACHABLE, String(cause));
  }
}
