import { describe, expect, it } from 'vitest';
import { readSwitches } from '../src/peer.js';
import { originOf } from '../src/sdp.js';

describe('originOf', () => {
  it('reads the session id, which is new when the page is', () => {
    expect(originOf({ type: 'offer', sdp: 'v=0\r\no=- 123456789 2 IN IP4 127.0.0.1\r\ns=-\r\n' })).toBe('123456789');
  });

  it.each([{ type: 'offer' as const }, { type: 'offer' as const, sdp: 'v=0\r\ns=o=- 1 2\r\n' }])('finds none in %j', (description) => {
    expect(originOf(description)).toBeNull();
  });
});

describe('readSwitches', () => {
  it('reads what the other side has switched on', () => {
    expect(readSwitches('{"microphone":false,"camera":true}')).toEqual({ microphone: false, camera: true });
  });

  it.each(['', 'null', '[]', '{"microphone":1,"camera":true}', '{"camera":true}', `{"x":"${'y'.repeat(300)}","microphone":true,"camera":true}`, 7, null])(
    'ignores %j',
    (data) => {
      expect(readSwitches(data)).toBeNull();
    },
  );
});
