/** Why the door is shut, in words. Pure. */

import type { Refusal } from '@holdspace/client';
import type { Language, ShutCode } from '../language.js';
import { sayMoment, sayWait, sayWhen } from './time.js';

export interface ShutDoor {
  title: string;
  text: string;
}

/** Codes that mean the same to a person. */
const SAME: Readonly<Record<string, ShutCode>> = {
  INVALID_SESSION_ID: 'SESSION_NOT_FOUND',
  INVALID_SESSION: 'SESSION_NOT_CONFIRMED',
  INTERNAL_ERROR: 'SERVICE_UNAVAILABLE',
};

export function sayRefusal(refusal: Refusal, now: Date, language: Language): ShutDoor {
  const { refusals, time } = language.words;
  const code = SAME[refusal.code] ?? refusal.code;
  const words = code in refusals ? refusals[code as ShutCode] : refusals.OTHER;
  const text = words.text({
    from: refusal.from ? sayWhen(refusal.from, now, language) : time.unknownStart,
    until: refusal.until ? sayMoment(refusal.until, now, language) : time.unknownEnd,
    code: refusal.code,
  });
  return { title: words.title, text };
}

/** `The door opens in 4:12`; empty when time changes nothing. */
export function sayCountdown(refusal: Refusal, now: Date, language: Language): string {
  if (!refusal.recheckAt) {
    return '';
  }
  const { opensIn, looksIn } = language.words.before;
  const wait = sayWait(refusal.recheckAt.getTime() - now.getTime(), language);
  return (refusal.code === 'TOO_EARLY' ? opensIn : looksIn)(wait);
}
