import { describe, expect, it } from 'vitest';
import { firstPulse, nextPulse, suspect } from '../src/peer/pulse.js';

const TICK_MS = 250;

/** Runs ticks of a quarter second: `h` hears something, `.` hears nothing. Says when it pinged and when it was broken. */
function run(ticks: string) {
  let pulse = firstPulse(0);
  const pings: number[] = [];
  const broken: number[] = [];
  [...ticks].forEach((tick, index) => {
    const nowMs = (index + 1) * TICK_MS;
    pulse = nextPulse(pulse, tick === 'h', nowMs);
    if (pulse.pingedAtMs === nowMs) {
      pings.push(nowMs);
    }
    if (pulse.isBroken) {
      broken.push(nowMs);
    }
  });
  return { pings, broken, pulse };
}

describe('the pulse', () => {
  it('is quiet as long as something comes in', () => {
    expect(run('hh.h..hh.h')).toMatchObject({ pings: [], broken: [] });
  });

  it('asks after a short silence, and is content with any answer', () => {
    expect(run('h....h..h')).toMatchObject({ pings: [1000], broken: [] });
  });

  it('is broken after a second and a half of nothing, and goes on asking', () => {
    const { pings, broken } = run('h.........');
    expect(pings).toEqual([1000, 1750, 2500]);
    expect(broken[0]).toBe(1750);
  });

  it('heals when something is heard', () => {
    expect(run('h........h').pulse.isBroken).toBe(false);
  });

  it('does not take its own sleep for silence', () => {
    const asleep = nextPulse(firstPulse(0), false, 60_000);
    expect(asleep).toMatchObject({ isBroken: false, pingedAtMs: null, heardAtMs: 60_000 });
  });

  it('loses its patience when the network has changed', () => {
    expect(suspect(run('h.').pulse, 700).isBroken).toBe(true);
    expect(suspect(run('hh').pulse, 600).isBroken).toBe(false);
  });
});
