// Signals as browsers send them: a long offer, text beyond ASCII, an end-of-candidates.

const line = (number) => `a=rtpmap:${number} VP8/90000\\r\\na=fmtp:${number} name="Zoë 🎥"\\r\\n`;

export const OFFER = { type: 'offer', sdp: `v=0\r\no=- 46117326 2 IN IP4 127.0.0.1\r\n${Array.from({ length: 90 }, (_, index) => line(index)).join('')}` };

export const ANSWER = { type: 'answer', sdp: 'v=0\r\no=- 1234 2 IN IP4 127.0.0.1\r\n', extra: { numbers: [1, -0.5, 1e21], nothing: null } };

export const CANDIDATES = [
  ...Array.from({ length: 10 }, (_, index) => ({
    candidate: `candidate:${index} 1 UDP 2130706431 192.168.1.100 ${54400 + index} typ host`,
    sdpMLineIndex: 0,
    sdpMid: '0',
  })),
  null,
];
