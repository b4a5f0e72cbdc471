/** What happened to the visit, what was recorded, and whether there is a way back. Pure. */

import type { CallTimes, EndCause } from '@holdspace/client';
import type { Language } from '../language.js';
import { sayMinutes, sayPeriod } from './time.js';

export interface Outcome {
  title: string;
  text: string;
  /** Empty when nothing was recorded, or nobody knows yet. */
  record: string;
  canRejoin: boolean;
}

const OPEN: ReadonlySet<EndCause> = new Set<EndCause>(['left', 'replaced', 'removed']);

export function sayOutcome(cause: EndCause, times: CallTimes, language: Language): Outcome {
  return { ...language.words.after[cause], record: cause === 'completed' ? sayRecord(times, language) : '', canRejoin: OPEN.has(cause) };
}

function sayRecord({ startedAt, endedAt, minutes }: CallTimes, language: Language): string {
  if (startedAt === null || endedAt === null || minutes === null) {
    return '';
  }
  return language.words.after.recorded(sayPeriod(startedAt, endedAt, language), sayMinutes(minutes, language));
}
