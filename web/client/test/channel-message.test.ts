import { describe, expect, it } from 'vitest';
import { MESSAGE_CHARACTERS_MAX } from '../src/message.js';
import { type ChannelMessage, readMessage, writeMessage } from '../src/peer/channel-message.js';

const HEX = 'ab'.repeat(32);

describe('messages of the channel', () => {
  it.each<ChannelMessage>([
    { type: 'switches', microphone: false, camera: true, screen: true, isPaused: false },
    { type: 'say', id: 'a1b2-1', text: 'Zoë: „Grüße“ 🎥' },
    { type: 'say', id: 'a1b2-2', text: '\u0000'.repeat(MESSAGE_CHARACTERS_MAX) },
    { type: 'heard', id: 'a1b2-1' },
    { type: 'commit', digest: HEX },
    { type: 'reveal', number: HEX },
    { type: 'ping' },
    { type: 'pong' },
  ])('arrive as they were sent: $type', (message) => {
    expect(readMessage(writeMessage(message))).toEqual(message);
  });

  it('does without what an older client does not tell', () => {
    expect(readMessage('{"type":"switches","microphone":true,"camera":false,"x":1}')).toEqual({
      type: 'switches',
      microphone: true,
      camera: false,
      screen: false,
      isPaused: false,
    });
  });

  it.each([
    '',
    'null',
    '[]',
    '7',
    '{"type":"switches","microphone":1,"camera":true}',
    '{"type":"say","id":"a","text":""}',
    `{"type":"say","id":"a","text":"${'x'.repeat(MESSAGE_CHARACTERS_MAX + 1)}"}`,
    '{"type":"say","id":"","text":"x"}',
    '{"type":"say","id":"a b","text":"x"}',
    '{"type":"heard"}',
    '{"type":"commit","digest":"xyz"}',
    '{"type":"reveal","number":7}',
    '{"type":"constructor"}',
    `{"type":"ping","x":"${'y'.repeat(20_000)}"}`,
    7,
    null,
    new ArrayBuffer(8),
  ])('are not made of %j', (data) => {
    expect(readMessage(data)).toBeNull();
  });
});
