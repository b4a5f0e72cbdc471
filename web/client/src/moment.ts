/** Says moments and lengths of time in words. */

export interface Place {
  locale: string;
  /** The browser's own when left out. */
  timeZone?: string;
}

/** `14:00` on the same day, else `Monday 14 December, 14:00`. */
export function sayMoment(moment: Date, now: Date, place: Place): string {
  const time = format(moment, place, { hour: 'numeric', minute: '2-digit' });
  return sayDay(moment, place) === sayDay(now, place) ? time : `${sayDay(moment, place)}, ${time}`;
}

/** `at 14:00` on the same day, else `on Monday 14 December, 14:00`. */
export function sayWhen(moment: Date, now: Date, place: Place): string {
  const preposition = sayDay(moment, place) === sayDay(now, place) ? 'at' : 'on';
  return `${preposition} ${sayMoment(moment, now, place)}`;
}

/** `14:00 to 14:50` today, with the day in front of any other. */
export function sayPeriod(start: Date, minutes: number, now: Date, place: Place): string {
  const end = new Date(start.getTime() + minutes * 60_000);
  const day = sayDay(start, place) === sayDay(now, place) ? 'Today' : sayDay(start, place);
  return `${day}, ${format(start, place, { hour: 'numeric', minute: '2-digit' })} to ${sayMoment(end, start, place)}`;
}

/** A running clock: `4:05`, `1:02:03`. */
export function sayElapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = `${hours > 0 ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** A recorded duration, which is in whole minutes. */
export function sayMinutes(minutes: number): string {
  if (minutes < 1) {
    return 'less than a minute';
  }
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

export function sayWait(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  if (seconds < 90) {
    return seconds === 1 ? '1 second' : `${seconds} seconds`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}

function sayDay(moment: Date, place: Place): string {
  return format(moment, place, { weekday: 'long', day: 'numeric', month: 'long' });
}

function format(moment: Date, place: Place, parts: Intl.DateTimeFormatOptions): string {
  const zone = place.timeZone === undefined ? {} : { timeZone: place.timeZone };
  return new Intl.DateTimeFormat(place.locale, { ...parts, ...zone }).format(moment);
}
