import { describe, expect, it } from 'vitest';
import { open } from '../src/envelope.js';
import { HoldspaceError, UNREADABLE_REPLY } from '../src/error.js';

const refusal = {
  success: false,
  error: { code: 'TOO_EARLY', message: 'The door is shut.', details: { reason: 'TOO_EARLY' }, timestamp: '2025-12-15T13:00:00.000Z' },
};

describe('open', () => {
  it('gives the data of a good reply', () => {
    expect(open({ status: 200, retryAfter: null, body: { success: true, data: { roomId: 'room-1' } } })).toEqual({ roomId: 'room-1' });
  });

  it('throws the code, message, details and status of a refusal', () => {
    const error = thrown({ status: 422, retryAfter: null, body: refusal });
    expect(error).toMatchObject({ code: 'TOO_EARLY', message: 'The door is shut.', details: { reason: 'TOO_EARLY' }, status: 422, retryAfterSeconds: null });
  });

  it('reads Retry-After as seconds, and nothing else', () => {
    expect(thrown({ status: 429, retryAfter: '12', body: refusal }).retryAfterSeconds).toBe(12);
    expect(thrown({ status: 429, retryAfter: 'soon', body: refusal }).retryAfterSeconds).toBeNull();
  });

  it.each([undefined, null, 'no', [], {}, { success: true }, { success: false }, { success: false, error: { code: 7 } }])(
    'says that %j is no reply of this API',
    (body) => {
      expect(thrown({ status: 502, retryAfter: null, body })).toMatchObject({ code: UNREADABLE_REPLY, status: 502 });
    },
  );
});

function thrown(reply: Parameters<typeof open>[0]): HoldspaceError {
  try {
    open(reply);
  } catch (cause) {
    return HoldspaceError.from(cause);
  }
  throw new Error('Nothing was thrown.');
}
