/** Notices within a second and a half that nothing comes in from the other side any more. Pure: time is an argument. */

/** Voice alone comes 50 times a second, spoken or not, so that this much silence is suspicious. */
const SILENCE_MS = 700;
/** A ping that is not answered in this time, with nothing else coming in either, finds the path broken. */
const ANSWER_MS = 700;
/** When one's own timers stood still, the silence was one's own. */
const GAP_MAX_MS = 1_500;

export interface Pulse {
  heardAtMs: number;
  pingedAtMs: number | null;
  tickedAtMs: number;
  isBroken: boolean;
}

export function firstPulse(nowMs: number): Pulse {
  return { heardAtMs: nowMs, pingedAtMs: null, tickedAtMs: nowMs, isBroken: false };
}

/** The pulse a moment later. A ping is to be sent whenever `pingedAtMs` is `nowMs`. */
export function nextPulse(pulse: Pulse, hasHeard: boolean, nowMs: number): Pulse {
  const ticked = { ...pulse, tickedAtMs: nowMs };
  if (hasHeard) {
    return { ...ticked, heardAtMs: nowMs, pingedAtMs: null, isBroken: false };
  }
  if (nowMs - pulse.tickedAtMs > GAP_MAX_MS) {
    return { ...ticked, heardAtMs: nowMs, pingedAtMs: null };
  }
  if (nowMs - pulse.heardAtMs < SILENCE_MS) {
    return ticked;
  }
  const isUnanswered = pulse.pingedAtMs !== null && nowMs - pulse.pingedAtMs >= ANSWER_MS;
  const isBroken = pulse.isBroken || isUnanswered;
  // Goes on asking: where nobody speaks and nothing is shown, an answer is all there is to hear.
  return { ...ticked, isBroken, pingedAtMs: pulse.pingedAtMs === null || isUnanswered ? nowMs : pulse.pingedAtMs };
}

/** Something has happened to the network: what was quiet for a moment is broken until something is heard. */
export function suspect(pulse: Pulse, nowMs: number): Pulse {
  const isBroken = pulse.isBroken || nowMs - pulse.heardAtMs >= SILENCE_MS / 2;
  return { ...pulse, isBroken };
}
