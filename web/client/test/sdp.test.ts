import { describe, expect, it } from 'vitest';
import { originOf, withPacketTime } from '../src/peer/sdp.js';

describe('originOf', () => {
  it('reads the session id, which is new when the page is', () => {
    expect(originOf({ type: 'offer', sdp: 'v=0\r\no=- 123456789 2 IN IP4 127.0.0.1\r\ns=-\r\n' })).toBe('123456789');
  });

  it.each([{ type: 'offer' as const }, { type: 'offer' as const, sdp: 'v=0\r\ns=o=- 1 2\r\n' }])('finds none in %j', (description) => {
    expect(originOf(description)).toBeNull();
  });
});

describe('withPacketTime', () => {
  const session = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n';
  const audio = 'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n';
  const video = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n';

  it('asks for it in the lines of voice and in no others', () => {
    expect(withPacketTime(`${session}${audio}${video}`, 60)).toBe(`${session}${audio}a=ptime:60\r\n${video}`);
  });

  it('takes the place of what was asked for', () => {
    expect(withPacketTime(`${session}${video}${audio}a=ptime:20\r\n`, 60)).toBe(`${session}${video}${audio}a=ptime:60\r\n`);
  });
});
