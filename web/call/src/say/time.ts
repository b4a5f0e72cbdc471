/** Moments and lengths of time in the words and digits of a language. Pure. */

import type { Language } from '../language.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `at 14:00` on the same day, else `on Monday 14 December at 14:00`. */
export function sayWhen(moment: Date, now: Date, language: Language): string {
  const { at, onDay } = language.words.time;
  const time = sayTime(moment, language);
  return isSameDay(moment, now, language) ? at(time) : onDay(sayDay(moment, language), time);
}

/** `14:00` on the same day, else `Monday 14 December, 14:00`. */
export function sayMoment(moment: Date, now: Date, language: Language): string {
  const time = sayTime(moment, language);
  return isSameDay(moment, now, language) ? time : language.words.time.untilDay(sayDay(moment, language), time);
}

/** `Today, 14:00 – 14:50`, or the day in front. */
export function sayBooked(start: Date, minutes: number, now: Date, language: Language): string {
  const day = isSameDay(start, now, language) ? language.words.time.today : sayDay(start, language);
  return language.words.time.dayAndPeriod(day, sayPeriod(start, new Date(start.getTime() + minutes * 60_000), language));
}

/** `14:00 – 14:50`, with days where they differ. */
export function sayPeriod(start: Date, end: Date, language: Language): string {
  return formatter(language, { hour: 'numeric', minute: '2-digit' }).formatRange(start, end);
}

/** A running clock: `4:05`, `1:02:03`. */
export function sayClock(milliseconds: number, language: Language): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [one, two] = [1, 2].map((minimumIntegerDigits) => new Intl.NumberFormat(language.locale, { minimumIntegerDigits, useGrouping: false }));
  if (!one || !two) {
    return '';
  }
  const tail = `${(hours > 0 ? two : one).format(minutes)}:${two.format(rest)}`;
  return hours > 0 ? `${one.format(hours)}:${tail}` : tail;
}

/** How long to wait: a clock that shows at least one second, and days where it is more than one. */
export function sayWait(milliseconds: number, language: Language): string {
  if (milliseconds >= DAY_MS) {
    return sayUnit(Math.floor(milliseconds / DAY_MS), 'day', language);
  }
  return sayClock(Math.max(1000, Math.ceil(milliseconds / 1000) * 1000), language);
}

/** A recorded duration, which is in whole minutes. */
export function sayMinutes(minutes: number, language: Language): string {
  return minutes < 1 ? language.words.time.lessThanMinute : sayUnit(minutes, 'minute', language);
}

export function sayTime(moment: Date, language: Language): string {
  return formatter(language, { hour: 'numeric', minute: '2-digit' }).format(moment);
}

/** The plural comes with the unit, also where a language has six of them. */
function sayUnit(count: number, unit: 'minute' | 'day', { locale }: Language): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

function sayDay(moment: Date, language: Language): string {
  return formatter(language, { weekday: 'long', day: 'numeric', month: 'long' }).format(moment);
}

function isSameDay(one: Date, other: Date, language: Language): boolean {
  const day = formatter(language, { year: 'numeric', month: 'numeric', day: 'numeric' });
  return day.format(one) === day.format(other);
}

function formatter({ locale, timeZone }: Language, parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale, { ...parts, ...(timeZone === undefined ? {} : { timeZone }) });
}
