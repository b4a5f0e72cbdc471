import { describe, expect, it } from 'vitest';
import { type VisitInput, type VisitState, next } from '../src/machine.js';
import type { Refusal } from '../src/refusal.js';

const refusal: Refusal = { code: 'TOO_EARLY', recheckAt: null, from: null, until: null, retryAfterSeconds: null, message: '' };

const states: Record<VisitState['name'], VisitState> = {
  idle: { name: 'idle' },
  checking: { name: 'checking' },
  waiting: { name: 'waiting', refusal },
  ready: { name: 'ready' },
  connecting: { name: 'connecting', hold: null },
  'in-call': { name: 'in-call' },
  recovering: { name: 'recovering', hold: null },
  ended: { name: 'ended', cause: 'left' },
  refused: { name: 'refused', refusal },
};

const inputs: Record<VisitInput['type'], VisitInput> = {
  check: { type: 'check' },
  shut: { type: 'shut', refusal },
  opened: { type: 'opened' },
  join: { type: 'join' },
  joined: { type: 'joined' },
  cancelled: { type: 'cancelled' },
  lost: { type: 'lost' },
  held: { type: 'held', refusal },
  refused: { type: 'refused', refusal },
  over: { type: 'over', cause: 'completed' },
};

type Moves = Partial<Record<VisitInput['type'], VisitState['name']>>;

/** All moves there are: what is not listed leaves the state as it is. */
const moves: Record<VisitState['name'], Moves> = {
  idle: { check: 'checking' },
  checking: { shut: 'waiting', opened: 'ready', refused: 'refused' },
  waiting: { shut: 'waiting', opened: 'ready', refused: 'refused' },
  ready: { check: 'checking', join: 'connecting', refused: 'refused' },
  connecting: { joined: 'in-call', cancelled: 'ready', held: 'connecting', refused: 'refused', over: 'ended' },
  'in-call': { lost: 'recovering', held: 'recovering', refused: 'refused', over: 'ended' },
  recovering: { joined: 'in-call', held: 'recovering', refused: 'refused', over: 'ended' },
  ended: { check: 'checking' },
  refused: { check: 'checking', refused: 'refused' },
};

describe('next', () => {
  for (const [name, state] of Object.entries(states)) {
    for (const [type, input] of Object.entries(inputs)) {
      const goal = moves[name as VisitState['name']][type as VisitInput['type']];
      it(`${name} ${goal ? `goes to ${goal}` : 'stays'} on ${type}`, () => {
        const result = next(state, input);
        if (goal) {
          expect(result.name).toBe(goal);
        } else {
          expect(result).toBe(state);
        }
      });
    }
  }

  it('keeps why the door is shut, why a connection is held, and why a visit ended', () => {
    expect(next(states.checking, inputs.shut)).toEqual({ name: 'waiting', refusal });
    expect(next(states['in-call'], inputs.held)).toEqual({ name: 'recovering', hold: refusal });
    expect(next(states.recovering, inputs.over)).toEqual({ name: 'ended', cause: 'completed' });
  });
});
