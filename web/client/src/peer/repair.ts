/**
 * Who looks for a new path, and when. Two restarts that meet are to be avoided: taking one back leaves Chromium decoding
 * frames that it no longer shows. So between two clients of this library only the impolite one restarts, and the polite one
 * asks for it; with another client the polite one leaves it time first. Pure: time is an argument.
 */

export interface RepairFacts {
  isBroken: boolean;
  brokenSinceMs: number;
  /** When something was last done about it. */
  triedAtMs: number | null;
  isPolite: boolean;
  /** The other side is a client of this library. */
  isOurs: boolean;
  /** One's own offer waits for an answer. */
  isOffering: boolean;
  /** Nobody stands between oneself and the other: both have their way to the server. */
  canSignal: boolean;
}

export type RepairStep = 'restart' | 'ask' | 'say-again' | null;

/** A restart that has not helped in this time is made again. */
const RETRY_MS = 4_000;
/** How long another client is given to do it first. */
const YIELD_MS = 12_000;

export function repairStep(facts: RepairFacts, nowMs: number): RepairStep {
  if (!facts.isBroken || !facts.canSignal || (facts.triedAtMs !== null && nowMs - facts.triedAtMs < RETRY_MS)) {
    return null;
  }
  if (facts.isOffering) {
    return 'say-again';
  }
  if (!facts.isPolite) {
    return 'restart';
  }
  if (facts.isOurs) {
    return 'ask';
  }
  return nowMs - facts.brokenSinceMs >= YIELD_MS ? 'restart' : null;
}

/** Travels as a candidate, which the server passes on as it is. Other clients are never sent it. */
export const ASK: RTCIceCandidateInit = { candidate: '', usernameFragment: 'holdspace-restart' };

export function isAsk(candidate: RTCIceCandidateInit | null): boolean {
  return candidate?.usernameFragment === ASK.usernameFragment;
}
