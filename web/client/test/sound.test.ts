import { expect, it } from 'vitest';
import { planPacketMs } from '../src/peer/sound.js';

it('asks for long packets of voice among many, and keeps the delay short among few', () => {
  expect([0, 1, 2, 3, 5, 7].map(planPacketMs)).toEqual([null, null, 60, 60, 60, 60]);
});
