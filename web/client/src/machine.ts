/** The states of a visit and the moves between them. Pure: everything that happens is an argument. */

import type { Refusal } from './refusal.js';

export type EndCause = 'left' | 'completed' | 'replaced' | 'cancelled' | 'declined' | 'removed';

export type VisitState =
  | { name: 'idle' }
  /** The door is being asked. */
  | { name: 'checking' }
  /** The door is shut, and is asked again by itself at `refusal.recheckAt`. */
  | { name: 'waiting'; refusal: Refusal }
  /** The door is open; the person has not gone through it yet. */
  | { name: 'ready' }
  | { name: 'connecting'; hold: Refusal | null }
  | { name: 'in-call' }
  /** The way to the server is lost; the media may well go on. */
  | { name: 'recovering'; hold: Refusal | null }
  | { name: 'ended'; cause: EndCause }
  /** Only a person can change this. */
  | { name: 'refused'; refusal: Refusal };

export type VisitInput =
  | { type: 'check' }
  | { type: 'shut'; refusal: Refusal }
  | { type: 'opened' }
  | { type: 'join' }
  | { type: 'joined' }
  /** The person does not want to wait for the connection any more. */
  | { type: 'cancelled' }
  | { type: 'lost' }
  | { type: 'held'; refusal: Refusal }
  | { type: 'refused'; refusal: Refusal }
  | { type: 'over'; cause: EndCause };

/** The next state; the same object when the input means nothing in this state. */
export function next(state: VisitState, input: VisitInput): VisitState {
  switch (input.type) {
    case 'check':
      return isOneOf(state, 'idle', 'ended', 'refused', 'ready') ? { name: 'checking' } : state;
    case 'shut':
      return isOneOf(state, 'checking', 'waiting') ? { name: 'waiting', refusal: input.refusal } : state;
    case 'opened':
      return isOneOf(state, 'checking', 'waiting') ? { name: 'ready' } : state;
    case 'join':
      return isOneOf(state, 'ready') ? { name: 'connecting', hold: null } : state;
    case 'joined':
      return isOneOf(state, 'connecting', 'recovering') ? { name: 'in-call' } : state;
    case 'cancelled':
      return isOneOf(state, 'connecting') ? { name: 'ready' } : state;
    case 'lost':
      return isOneOf(state, 'in-call') ? { name: 'recovering', hold: null } : state;
    case 'held':
      return hold(state, input.refusal);
    case 'refused':
      return isOneOf(state, 'ended', 'idle') ? state : { name: 'refused', refusal: input.refusal };
    case 'over':
      return isOneOf(state, 'in-call', 'recovering', 'connecting') ? { name: 'ended', cause: input.cause } : state;
  }
}

function hold(state: VisitState, refusal: Refusal): VisitState {
  switch (state.name) {
    case 'connecting':
      return { name: 'connecting', hold: refusal };
    case 'in-call':
    case 'recovering':
      return { name: 'recovering', hold: refusal };
    default:
      return state;
  }
}

function isOneOf(state: VisitState, ...names: VisitState['name'][]): boolean {
  return names.includes(state.name);
}
