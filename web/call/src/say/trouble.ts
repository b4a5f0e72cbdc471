/** The most important trouble of the moment, what it means and what the page does about it. Pure. */

import type { Refusal, Roster, VisitState } from '@holdspace/client';
import type { Language } from '../language.js';
import { sayRefusal } from './refusal.js';

export interface Trouble {
  text: string;
  /** The person cannot be helped by waiting a moment: the platform's phone number is worth showing. */
  isSerious: boolean;
}

export function findTrouble(state: VisitState, roster: Roster, passing: Refusal | null, now: Date, language: Language): Trouble | null {
  const { trouble } = language.words;
  const unsafe = roster.find(({ isSafe }) => isSafe === false);
  if (unsafe) {
    return { text: trouble.unsafe(unsafe.name), isSerious: true };
  }
  if (state.name === 'recovering') {
    const goesOn = roster.some(({ connection, isRepairing }) => connection === 'connected' && !isRepairing) ? ` ${trouble.mediaGoesOn}` : '';
    return { text: (state.hold ? sayBoth(state.hold, now, language) : trouble.server) + goesOn, isSerious: true };
  }
  const away = roster.find(({ isReconnecting }) => isReconnecting);
  if (away) {
    return { text: trouble.reconnecting(away.name), isSerious: false };
  }
  const interrupted = roster.find(({ connection, isRepairing }) => isRepairing || connection === 'disconnected' || connection === 'failed');
  if (interrupted) {
    return { text: trouble.interrupted(interrupted.name), isSerious: true };
  }
  return passing && { text: sayBoth(passing, now, language), isSerious: false };
}

function sayBoth(refusal: Refusal, now: Date, language: Language): string {
  const { title, text } = sayRefusal(refusal, now, language);
  return `${title}. ${text}`;
}
