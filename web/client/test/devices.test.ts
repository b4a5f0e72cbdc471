import { describe, expect, it } from 'vitest';
import { listOf, statusOf } from '../src/devices/state.js';

describe('statusOf', () => {
  it.each([
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['NotFoundError', 'missing'],
    ['OverconstrainedError', 'missing'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
    ['InsecureOrigin', 'insecure'],
  ])('reads %s as %s', (name, status) => {
    expect(statusOf(name)).toBe(status);
  });
});

describe('listOf', () => {
  const device = (kind: MediaDeviceKind, deviceId: string) => ({ kind, deviceId, label: `Label of ${deviceId}`, groupId: '' }) as MediaDeviceInfo;

  it("leaves out other kinds, Chromium's aliases, and what may not be known yet", () => {
    const devices = [device('audioinput', 'default'), device('audioinput', 'one'), device('videoinput', 'two'), device('audioinput', ''), device('audiooutput', 'communications')];
    expect(listOf('microphone', devices)).toEqual([{ deviceId: 'one', label: 'Label of one' }]);
    expect(listOf('camera', devices).map(({ deviceId }) => deviceId)).toEqual(['two']);
    expect(listOf('loudspeaker', devices)).toEqual([]);
  });
});
