import { describe, expect, it } from 'vitest';
import { readSwitches } from '../src/switches.js';

describe('readSwitches', () => {
  it('reads what the other side has switched on', () => {
    expect(readSwitches('{"microphone":false,"camera":true}')).toEqual({ microphone: false, camera: true, screen: false });
  });

  it.each(['', 'null', '[]', '{"microphone":1,"camera":true}', '{"camera":true}', `{"x":"${'y'.repeat(300)}","microphone":true,"camera":true}`, 7, null])(
    'ignores %j',
    (data) => {
      expect(readSwitches(data)).toBeNull();
    },
  );
});
