import { describe, expect, it } from 'vitest';
import { originOf } from '../src/peer/sdp.js';

describe('originOf', () => {
  it('reads the session id, which is new when the page is', () => {
    expect(originOf({ type: 'offer', sdp: 'v=0\r\no=- 123456789 2 IN IP4 127.0.0.1\r\ns=-\r\n' })).toBe('123456789');
  });

  it.each([{ type: 'offer' as const }, { type: 'offer' as const, sdp: 'v=0\r\ns=o=- 1 2\r\n' }])('finds none in %j', (description) => {
    expect(originOf(description)).toBeNull();
  });
});
