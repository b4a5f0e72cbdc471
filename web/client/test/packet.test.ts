import { describe, expect, it } from 'vitest';
import { type Packet, readPacket, writeConnect, writeEvent } from '../src/signaling/packet.js';

describe('packets', () => {
  it('are written as the protocol says', () => {
    expect(writeConnect({ token: 'a.b.c' })).toBe('0{"token":"a.b.c"}');
    expect(writeEvent('offer', { to: 'x' }, null)).toBe('2["offer",{"to":"x"}]');
    expect(writeEvent('offer', { to: 'x' }, 12)).toBe('212["offer",{"to":"x"}]');
  });

  it.each<[string, Packet | null]>([
    ['0{"sid":"abc"}', { type: 'connect', data: { sid: 'abc' } }],
    ['1', { type: 'disconnect' }],
    ['2["user-left",{"userId":"a\\nb"}]', { type: 'event', name: 'user-left', payload: { userId: 'a\nb' } }],
    ['27["user-left",null]', { type: 'event', name: 'user-left', payload: null }],
    ['312[{"success":true}]', { type: 'acknowledgement', id: 12, payload: { success: true } }],
    ['30[]', { type: 'acknowledgement', id: 0, payload: undefined }],
    ['4{"message":"X","data":{"code":"X"}}', { type: 'connect-error', data: { message: 'X', data: { code: 'X' } } }],
    ['', null],
    ['x', null],
    ['2{"no":"list"}', null],
    ['2[7]', null],
    ['2["broken', null],
    ['3["no id"]', null],
    ['51-["binary"]', null],
  ])('%s is read', (text, packet) => {
    expect(readPacket(text)).toEqual(packet);
  });
});
