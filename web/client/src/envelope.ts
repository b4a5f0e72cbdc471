/** Reads `{success, data}` and `{success, error}`: the envelope around every REST answer. */

import { HoldspaceError, UNREADABLE_REPLY } from './error.js';
import type { ErrorBody } from './wire.js';

export interface Reply {
  status: number;
  /** The `Retry-After` header. */
  retryAfter: string | null;
  /** The parsed body; `undefined` when it was no JSON. */
  body: unknown;
}

/** The `data` of a good reply. Everything else is thrown as a {@link HoldspaceError}. */
export function open<Data>(reply: Reply): Data {
  const body = asObject(reply.body);
  if (body?.['success'] === true && 'data' in body) {
    return body['data'] as Data;
  }
  const error = asObject(body?.['error']);
  const retryAfter = seconds(reply.retryAfter);
  if (typeof error?.['code'] !== 'string') {
    throw new HoldspaceError(UNREADABLE_REPLY, `The server answered ${reply.status} in a way this page does not know.`, {}, reply.status, retryAfter);
  }
  throw HoldspaceError.fromBody(error as unknown as ErrorBody, reply.status, retryAfter);
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function seconds(header: string | null): number | null {
  const value = header === null ? Number.NaN : Number(header);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
